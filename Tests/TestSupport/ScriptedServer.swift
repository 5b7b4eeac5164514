import Foundation
import Glibc
internal import Locking
import Reactor
import TLS

/// A server on loopback that answers each connection as it is told, on a thread of its own; for tests of clients.
package final class ScriptedServer: Sendable {
    /// What is done with a connection once a request's head has come.
    package enum Step: Sendable {
        case send(String)
        case pause(milliseconds: UInt32)
        /// Ends what is sent properly, as TLS has it (close_notify).
        case finish
        /// Waits for the client to end the connection.
        case wait
    }

    package let port: UInt16
    private let listener: Int32
    private let requestTexts = Locked<[String]>([])

    /// The requests that have come.
    package var requests: [String] { requestTexts.withLock { $0 } }

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - tls: nil for a server without TLS.
    ///   - script: what is done with the connection of a request; when it ends, the connection does.
    /// - Throws: what keeps it from listening.
    package init(
        tls: TLSContext?,
        _ script: @escaping @Sendable (_ request: String) -> [Step]
    ) throws {
        let socket = try ListeningSocket.ip(host: "127.0.0.1", port: 0)
        port = socket.localAddress.port
        listener = dup(socket.descriptor)
        // Blocking, as the thread has nothing else to do.
        _ = fcntl(listener, F_SETFL, 0)
        let (listener, requestTexts) = (listener, RequestLog(self))
        Thread.detachNewThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                Thread.detachNewThread {
                    Self.serve(descriptor, tls, script) { requestTexts.append($0) }
                    close(descriptor)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Lets the thread write down requests without keeping the server.
    private final class RequestLog: @unchecked Sendable {
        private weak var server: ScriptedServer?

        init(_ server: ScriptedServer) { self.server = server }

        func append(_ text: String) { server?.requestTexts.withLock { $0.append(text) } }
    }

    private static func serve(
        _ descriptor: Int32,
        _ tls: TLSContext?,
        _ script: (String) -> [Step],
        _ note: (String) -> Void
    ) {
        let session = tls.flatMap { try? $0.makeSession(descriptor: descriptor) }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        var text = ""
        func receive() -> Bool {
            session?.socketBecameReadable()
            var span = buffer.mutableSpan
            guard let session else {
                let count = span.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
                guard count > 0 else { return false }
                text += String(decoding: buffer[..<count], as: UTF8.self)
                return true
            }
            while true {
                switch session.read(into: &span) {
                case .bytes(let count):
                    text += String(decoding: buffer[..<count], as: UTF8.self)
                    return true
                // The socket blocks, so that reading it again waits.
                case .wantsRead: session.socketBecameReadable()
                default: return false
                }
            }
        }
        if let session {
            var step = session.handshake()
            while step == .wantsRead {
                session.socketBecameReadable()
                step = session.handshake()
            }
            guard step == .ready else { return }
        }
        while !isComplete(text) { guard receive() else { return } }
        note(text)
        for step in script(text) {
            switch step {
            case .send(let text):
                let bytes = Array(text.utf8)
                guard let session else {
                    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                    continue
                }
                var sent = 0
                while sent < bytes.count {
                    guard case .bytes(let count) = session.write(bytes.span.extracting(droppingFirst: sent))
                    else {
                        return
                    }
                    sent += count
                }
            case .pause(let milliseconds): usleep(milliseconds * 1_000)
            case .finish: session?.finishSending()
            case .wait: while receive() {}
            }
        }
    }

    /// Whether a request is there with its content.
    private static func isComplete(_ text: String) -> Bool {
        guard let end = text.range(of: "\r\n\r\n") else { return false }
        guard let length = text.range(of: "Content-Length: ") else { return true }
        return text[end.upperBound...].utf8.count >= Int(text[length.upperBound...].prefix { $0.isNumber })
            ?? 0
    }
}

/// A certificate of a test's own, in files that go with it.
package final class TestCertificate: Sendable {
    package let folder: String
    package var certificateFile: String { folder + "/certificate.pem" }
    package var keyFile: String { folder + "/key.pem" }

    package init(hosts: [String] = ["127.0.0.1", "localhost"]) throws {
        folder = NSTemporaryDirectory() + "certificate-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let pair = try SelfSignedCertificate.make(hosts: hosts, validDays: 1)
        try pair.certificatePEM.write(toFile: certificateFile, atomically: true, encoding: .utf8)
        try pair.keyPEM.write(toFile: keyFile, atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    package func context() throws -> TLSContext {
        try TLSContext(certificateFile: certificateFile, keyFile: keyFile)
    }
}
