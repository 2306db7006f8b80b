"""Serves the components to other languages: `pulumi package add <repository>/components`."""

import pathlib
import sys

# Run as `python <this folder> <engine>`: this folder's parent, not the folder, makes `components` importable.
sys.path[0] = str(pathlib.Path(__file__).resolve().parent.parent)

if __name__ == "__main__":
    from pulumi.provider import main

    from components import (
        InferenceEdge,
        InferencePool,
        KongCachedRoute,
        KongConsumer,
        ModelRouter,
        SharedCache,
        __version__,
    )
    from components.plugin import ComponentPlugin

    served = [InferenceEdge, InferencePool, KongCachedRoute, KongConsumer, ModelRouter, SharedCache]
    main(ComponentPlugin(served, "inference-edge", None, __version__), sys.argv[1:])
