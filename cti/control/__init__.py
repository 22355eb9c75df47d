"""Commands: may this actor do it? Then the Pbx port, which ``ami_listener`` answers over AMI."""
