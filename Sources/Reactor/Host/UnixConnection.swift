// Both define `sockaddr_un`; which of them the compiler names as its home depends on the order in which it reads files.
import CLinux
import Glibc

/// A blocking connection to a Unix socket, for the command line; never used on an event loop.
package struct UnixConnection: ~Copyable {
    private let descriptor: CInt
    private let path: String

    /// The longest path that a socket address holds.
    package static let pathBytesMax = 107

    /// Connects to the socket at a path.
    ///
    /// - Parameters:
    ///   - path: at most ``pathBytesMax`` bytes.
    ///   - timeoutSeconds: how long each step may wait for the other side.
    /// - Throws: ``HostError`` with `ENOENT` or `ECONNREFUSED` if nobody listens.
    package init(path: String, timeoutSeconds: Int) throws(HostError) {
        guard path.utf8.count <= Self.pathBytesMax else {
            throw HostError("connect to \(path)", code: ENAMETOOLONG)
        }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw HostError("make a socket", code: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The path was found to fit, and the address began as zeros, which end it.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        let timeoutBytes = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &timeout, timeoutBytes)
        }
        // The address lives for the call.
        let result = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            close(descriptor)
            throw HostError("connect to \(path)", code: code)
        }
        self.descriptor = descriptor
        self.path = path
    }

    /// Whether connecting failed because this user may not.
    package static func meansNotAllowed(_ error: HostError) -> Bool { error.code == EACCES }

    deinit { close(descriptor) }

    /// The path of a Unix socket that somebody else has made; nil if it has none.
    package static func path(ofSocket descriptor: Int32) -> String? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        // The address lives for the call, and its size is given with it.
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe getsockname(descriptor, address, &length)
            }
        }
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let bytes = unsafe withUnsafeBytes(of: address.sun_path) { unsafe Array($0.prefix { $0 != 0 }) }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// Sends all of the bytes.
    package func send(_ bytes: [UInt8]) throws(HostError) {
        let code = Host.writeAll(bytes, to: descriptor, isSocket: true)
        guard code == 0 else { throw HostError("send to \(path)", code: code) }
    }

    /// Receives until the other side ends the connection.
    ///
    /// - Throws: ``HostError`` with `EMSGSIZE` if it sends more than `bytesMax` bytes.
    package func receiveAll(bytesMax: Int) throws(HostError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1_024)
        while true {
            // The buffer lives for the call, which fills no more than its size.
            let count = unsafe buffer.withUnsafeMutableBytes { buffer in
                unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw HostError("receive from \(path)", code: errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= bytesMax else { throw HostError("receive from \(path)", code: EMSGSIZE) }
        }
    }

    /// Whether an error says that the other side has gone.
    package static func meansGone(_ error: HostError) -> Bool {
        error.code == EPIPE || error.code == ECONNRESET
    }

    /// Whether an error says that nobody listens at a socket's path.
    package static func meansNobodyListens(_ error: HostError) -> Bool {
        error.code == ENOENT || error.code == ECONNREFUSED
    }
}
