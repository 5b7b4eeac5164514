import Glibc

func getProcessID() -> Int32 { getpid() }
func getUserID() -> UInt32 { getuid() }
func duplicate(_ descriptor: Int32) -> Int32 { dup(descriptor) }
