"""Making a model: Modelfiles, files and uploads, and what is checked before."""
