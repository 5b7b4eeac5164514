import CLinux
import Glibc

/// What receiving or sending came to.
package enum Transfer: Sendable, Hashable {
    /// At least one byte.
    case bytes(Int)
    /// Nothing can be done until the loop reports readiness.
    case wouldBlock
    /// The peer sends no more.
    case end
    /// The connection is broken.
    case failed
}

/// A non-blocking stream socket, closed when it is destroyed.
package struct Socket: ~Copyable {
    package let descriptor: Int32

    /// Takes over a descriptor that is non-blocking already.
    package init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Gives the descriptor away without closing it.
    package consuming func release() -> Int32 {
        let descriptor = self.descriptor
        discard self
        return descriptor
    }

    /// Receives into the front of `buffer`, at most `most` bytes.
    package borrowing func receive(into buffer: inout MutableSpan<UInt8>, atMost most: Int = .max) -> Transfer
    {
        receive(into: &buffer, atMost: most, flags: 0)
    }

    /// Shows in the front of `buffer` what can be received, at most `most` bytes, and leaves it in the socket.
    package borrowing func peek(into buffer: inout MutableSpan<UInt8>, atMost most: Int) -> Transfer {
        receive(into: &buffer, atMost: most, flags: Int32(MSG_PEEK))
    }

    private borrowing func receive(
        into buffer: inout MutableSpan<UInt8>,
        atMost most: Int,
        flags: Int32
    ) -> Transfer {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(descriptor, bytes.baseAddress, min(bytes.count, most), flags)
            }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .failed }
        }
    }

    /// Sends a front part of `bytes`, which are not empty; never raises SIGPIPE.
    package borrowing func send(_ bytes: Span<UInt8>) -> Transfer {
        while true {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return .bytes(count) }
            if errno == EAGAIN { return .wouldBlock }
            if errno != EINTR { return .failed }
        }
    }

    /// Acknowledges at once what was received, which TCP otherwise delays by up to 40 milliseconds.
    package borrowing func acknowledge() { clinux_acknowledge(descriptor) }

    /// Announces that nothing more will be sent.
    package borrowing func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Lets the peer see a broken connection, and no orderly end, when the socket is closed.
    package borrowing func breakOffWhenClosed() { clinux_reset_when_closed(descriptor) }

    /// Connects to a numeric address; completes when the socket becomes writable.
    package static func connecting(to host: String, port: UInt16) throws(SystemError) -> Socket {
        var address = clinux_address()
        let error = unsafe clinux_address_ip(host, port, &address)
        guard error == 0 else { throw SystemError("address", error) }
        return Socket(owning: try connect(&address))
    }

    /// Connects to a Unix socket.
    package static func connecting(toPath path: String) throws(SystemError) -> Socket {
        var address = clinux_address()
        let error = unsafe clinux_address_local(path, &address)
        guard error == 0 else { throw SystemError("address", error) }
        return Socket(owning: try connect(&address))
    }

    /// Connects to an address of the name service; completes when the socket becomes writable.
    package static func connecting(to address: HostAddress) throws(SystemError) -> Socket {
        var address = address.address
        return Socket(owning: try connect(&address))
    }

    private static func connect(_ address: inout clinux_address) throws(SystemError) -> Int32 {
        let descriptor = unsafe clinux_connect(&address)
        guard descriptor >= 0 else { throw SystemError("connect") }
        return descriptor
    }
}
