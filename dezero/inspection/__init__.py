"""Looking at models: pictures of what they predict."""

from dezero.inspection.pictures import plot_confusion, plot_predictions

__all__ = ["plot_confusion", "plot_predictions"]
