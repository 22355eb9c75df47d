"""How the figures are counted: formulas, targets and thresholds, as the site chose them."""
