import CLinux
import Glibc

/// A socket that accepts connections; closed when it is destroyed.
package struct ListeningSocket: ~Copyable, Sendable {
    /// A connection that was accepted; whoever gets it owns the descriptor.
    package struct Accepted: Sendable {
        package let descriptor: Int32
        package let peer: SocketAddress
        /// Credentials of the process behind a Unix socket.
        package let userID: UInt32?
    }

    /// Connections the kernel keeps until they are accepted; clipped to `net.core.somaxconn`.
    private static let backlog: Int32 = 4096

    package let descriptor: Int32
    package let localAddress: SocketAddress
    /// Removed at the end if this socket made it.
    private let path: String?

    private init(_ descriptor: Int32, _ localAddress: SocketAddress, path: String? = nil) {
        self.descriptor = descriptor
        self.localAddress = localAddress
        self.path = path
    }

    /// Listens on a numeric address; port 0 lets the kernel choose, see ``localAddress``.
    package static func ip(host: String, port: UInt16) throws(SystemError) -> ListeningSocket {
        var address = clinux_address()
        let error = unsafe clinux_address_ip(host, port, &address)
        guard error == 0 else { throw SystemError("address", error) }
        let descriptor = unsafe clinux_listen(&address, backlog)
        guard descriptor >= 0 else { throw SystemError("listen") }
        return ListeningSocket(descriptor, try SocketAddress.local(of: descriptor))
    }

    /// Listens on a Unix socket whose file gets these permissions; a socket left over at the path is replaced.
    ///
    /// - Throws: EADDRINUSE when something listens there, or something that is no socket has the name.
    package static func local(path: String, mode: UInt32) throws(SystemError) -> ListeningSocket {
        var address = clinux_address()
        let error = unsafe clinux_address_local(path, &address)
        guard error == 0 else { throw SystemError("address", error) }
        let probe = unsafe clinux_connect(&address)
        if probe >= 0 {
            close(probe)
            throw SystemError("bind", EADDRINUSE)
        }
        // Refused: a socket that nobody listens on. A file of another kind gives the same error and must stay.
        var status = stat()
        let isSocket =
            unsafe errno == ECONNREFUSED && lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
        if isSocket { unsafe unlink(path) }
        // The file must not be open to others for a moment before chmod.
        let previousMask = umask(0o177)
        let descriptor = unsafe clinux_listen(&address, backlog)
        let listenError = errno
        umask(previousMask)
        guard descriptor >= 0 else { throw SystemError("bind", listenError) }
        guard unsafe chmod(path, mode) == 0 else {
            let error = SystemError("chmod")
            close(descriptor)
            throw error
        }
        return ListeningSocket(descriptor, SocketAddress(&address), path: path)
    }

    /// Takes over a listening socket that another process opened.
    package static func inherited(_ descriptor: Int32) throws(SystemError) -> ListeningSocket {
        guard clinux_prepare(descriptor) == 0 else { throw SystemError("fcntl") }
        clinux_tune_listener(descriptor)
        return ListeningSocket(descriptor, try SocketAddress.local(of: descriptor))
    }

    deinit {
        close(descriptor)
        if let path { unsafe unlink(path) }
    }

    /// Accepts one connection; nil when none waits.
    package borrowing func accept() throws(SystemError) -> Accepted? {
        while true {
            var address = clinux_address()
            let connection = unsafe clinux_accept(descriptor, &address)
            if connection >= 0 { return describe(connection, &address) }
            switch errno {
            case EAGAIN: return nil
            // The connection ended in the queue, or has a network error of its own (accept(2)): take the next one.
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
                EOPNOTSUPP,
                ENETUNREACH, EPERM:
                continue
            default: throw SystemError("accept")
            }
        }
    }

    private borrowing func describe(_ connection: Int32, _ address: inout clinux_address) -> Accepted {
        let peer = SocketAddress(&address)
        var user: UInt32 = 0
        let isLocal = peer.host == nil
        let userID = unsafe isLocal && clinux_peer_user(connection, &user) == 0 ? user : nil
        return Accepted(descriptor: connection, peer: peer, userID: userID)
    }
}
