import Foundation

/// One plain HTTP connection that is kept alive.
final class PlainConnection {
    private let descriptor: Int32
    private var received: [UInt8] = []

    /// Connects to the IPv4 address and port of a URL.
    init(url: String) throws {
        let address = URL(string: url)
        guard let host = address?.host(), let port = address?.port else {
            throw Failure("no address: \(url)")
        }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &target.sin_addr)
        let result = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // The descriptor is closed by deinit, which runs after this too: closing it twice would close another test's.
        guard result == 0 else { throw Failure("no connection to \(url): \(errno)") }
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends bytes; a connection that has ended is found out by ``receive()``.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// The status of an answer that comes within so many milliseconds; nil if none does.
    func receivedStatus(withinMilliseconds limit: Int) -> Int? {
        var timeout = timeval(tv_sec: limit / 1_000, tv_usec: limit % 1_000 * 1_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        return try? receive().status
    }

    /// Receives until so many bytes are there that no one has taken; how many there are then.
    func receiveBytes(untilCount count: Int) throws -> Int {
        while received.count < count { try receiveMore() }
        return received.count
    }

    /// Receives an answer up to its last chunk, which is the last thing that the server sends.
    func receiveStream() throws -> String {
        let end = Array("\r\n0\r\n\r\n".utf8)
        while received.count < end.count || received[(received.count - end.count)...] != end[...] {
            try receiveMore()
        }
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    private func receiveMore() throws {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw Failure("the connection ended") }
        received += buffer[..<count]
    }

    /// Receives one answer with its Content-Length.
    func receive() throws -> Reply {
        while true {
            if let (reply, length) = Reply.first(in: received) {
                received.removeFirst(length)
                return reply
            }
            try receiveMore()
        }
    }
}

/// A TLS connection by `openssl s_client`, over which several requests go.
final class TLSConversation {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received: [UInt8] = []

    init(url: String) throws {
        let address = URL(string: url)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_client", "-quiet", "-connect", "\(address?.host() ?? ""):\(address?.port ?? 0)",
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try Program.run(process)
    }

    /// Sends the beginning of a request.
    func begin(_ request: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data(request.utf8))
    }

    func ask(_ request: String) throws -> Reply {
        try input.fileHandleForWriting.write(contentsOf: Data(request.utf8))
        while true {
            if let (reply, length) = Reply.first(in: received) {
                received.removeFirst(length)
                return reply
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw Failure("the connection ended") }
            received += data
        }
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }
}

extension Reply {
    /// The first whole answer in what was received, and its length.
    static func first(in bytes: [UInt8]) -> (Reply, length: Int)? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let head = String(text[..<end.lowerBound])
        let reply = Reply(head)
        let length = Int(reply.field("Content-Length") ?? "0") ?? 0
        let total = head.utf8.count + 4 + length
        guard bytes.count >= total else { return nil }
        return (Reply(String(decoding: bytes[..<total], as: UTF8.self)), total)
    }
}

extension Client {
    /// A request as it goes over a connection that is kept alive.
    func text(_ method: String, _ path: String, _ body: String) -> String {
        let address = URL(string: url)
        return """
            \(method) \((address?.path() ?? "") + path) HTTP/1.1\r
            Host: \(address?.host() ?? ""):\(address?.port ?? 0)\r
            Authorization: Bearer \(token ?? "")\r
            Content-Type: application/scim+json\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """
    }
}
