"""What the API answered to a write, kept for a day, so that the same write sent again is not done again."""
