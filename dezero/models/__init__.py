"""Models: layers that can be compiled, fitted, summarised and saved."""

from dezero.models.mlp import MLP
from dezero.models.model import Model
from dezero.models.pictures import preprocess
from dezero.models.published import Published
from dezero.models.residual import BasicBlock, BottleneckA, BottleneckB, BuildingBlock
from dezero.models.resnet import ResNet, ResNet18, ResNet34, ResNet50, ResNet101, ResNet152
from dezero.models.saving import load_model, save_model
from dezero.models.sequential import Sequential
from dezero.models.squeezenet import Fire, SqueezeNet
from dezero.models.summary import summarize
from dezero.models.table import MODELS
from dezero.models.vgg import VGG16, VGG19

__all__ = [
    "MLP",
    "MODELS",
    "VGG16",
    "VGG19",
    "BasicBlock",
    "BottleneckA",
    "BottleneckB",
    "BuildingBlock",
    "Fire",
    "Model",
    "Published",
    "ResNet",
    "ResNet101",
    "ResNet152",
    "ResNet18",
    "ResNet34",
    "ResNet50",
    "Sequential",
    "SqueezeNet",
    "load_model",
    "preprocess",
    "save_model",
    "summarize",
]
