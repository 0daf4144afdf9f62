"""Looking at models: pictures of what they predict, draw, and learn."""

from dezero.inspection.panels import plot_curves, plot_panels, tile_pictures
from dezero.inspection.pictures import plot_confusion, plot_predictions

__all__ = ["plot_confusion", "plot_curves", "plot_panels", "plot_predictions", "tile_pictures"]
