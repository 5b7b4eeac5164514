internal import CSystemd
internal import Glibc

/// A socket that the service manager opened for this process (sd_listen_fds_with_names(3)).
package struct InheritedSocket: Sendable, Hashable {
    /// The unit's `FileDescriptorName=`.
    package let name: String
    /// Open, close-on-exec, and from now on the caller's.
    package let descriptor: Int32

    package init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }
}

/// Takes over the sockets that the service manager passes.
package enum SocketActivation {
    /// Takes all passed sockets, in no particular order, and clears the variables that tell of them.
    ///
    /// To be called once, before other threads read the environment.
    /// A failure of the library counts as no socket.
    package static func takeSockets() -> [InheritedSocket] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        // 1 clears the environment; the library allocates a list of strings that ends in nil, and owns nothing of it.
        let count = unsafe sd_listen_fds_with_names(1, &names)
        defer { unsafe free(names) }
        guard count > 0 else { return [] }
        var sockets: [InheritedSocket] = []
        for index in 0..<count {
            var name = "unknown"
            if let entry = unsafe names?[Int(index)] {
                name = unsafe String(cString: entry)
                unsafe free(entry)
            }
            sockets.append(InheritedSocket(name: name, descriptor: firstDescriptor + index))
        }
        return sockets
    }

    /// `SD_LISTEN_FDS_START`.
    private static let firstDescriptor: Int32 = 3
}
