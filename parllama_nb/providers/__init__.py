"""The providers of models, and the values they exchange with the package."""
