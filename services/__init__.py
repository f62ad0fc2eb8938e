"""The three services and the chassis they are mounted on."""
