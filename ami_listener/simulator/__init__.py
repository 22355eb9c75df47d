"""A simulated PBX that speaks AMI: realistic calls for demonstrations and load, and the truth about them.

It keeps state and time: phones ring, agents answer, callers give up, and the actions that clients send
are obeyed. Its events are held to recorded streams of a real Asterisk 22; proof is the real one.
"""
