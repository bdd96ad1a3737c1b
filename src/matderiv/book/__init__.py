"""What only the chapters use: their figures, and the gallery of derivatives.

The figures need Matplotlib, which comes with the extra ``matderiv[book]``.
"""
