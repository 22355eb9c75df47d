"""Agents at work: their state, kept and driven; the reasons of pauses and the rules of wrap-up."""
