"""How calls came out, as people say: what was noted while talking, and the result that was chosen afterwards."""
