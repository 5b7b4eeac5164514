PharosCommand.start()
