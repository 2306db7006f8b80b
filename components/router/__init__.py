"""Many models behind one path: the name in the request decides who answers."""

from .arguments import FallbackArgs, ModelRouterArgs, RoutedModelArgs, RoutedServiceArgs, RoutedVersionArgs, RouterArgs
from .model_router import ModelRouter

__all__ = [
    "FallbackArgs",
    "ModelRouter",
    "ModelRouterArgs",
    "RoutedModelArgs",
    "RoutedServiceArgs",
    "RoutedVersionArgs",
    "RouterArgs",
]
