"""The control panel: the other views as tabs."""
