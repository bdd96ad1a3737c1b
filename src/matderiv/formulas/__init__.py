"""Formula in, formula out."""
