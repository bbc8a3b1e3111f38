"""The pure core: decisions about mail as functions of values. No IO and no clock of its own."""
