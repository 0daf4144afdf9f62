"""What runs on a GPU alone: `pytest -m gpu --gpu-report PATH`."""
