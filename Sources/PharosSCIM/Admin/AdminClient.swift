import HTTP
import JSON
import Reactor
import Service

/// Speaks to a running server over its admin socket: one request, one answer, one connection.
struct AdminClient {
    /// Tried one after the other.
    let socketPaths: [String]

    /// The longest answer that is read: a list of all tenants.
    private static let answerBytesMax = 64 << 20
    private static let timeoutSeconds = 60
    /// A check of a large store takes its time.
    static let checkTimeoutSeconds = 4 * 3_600

    /// Sends a command.
    ///
    /// `person`: on whose behalf, as the audit trail names them; nil for the Unix user of this process.
    /// - Returns: status and body of the answer; nil if no server runs.
    func send(
        _ method: Method,
        _ path: String,
        _ body: [UInt8],
        person: String? = nil,
        timeoutSeconds: Int = timeoutSeconds
    ) throws -> AdminReply? {
        guard let connection = try connect(timeoutSeconds: timeoutSeconds) else { return nil }
        return try send(method, path, body, person: person, over: connection)
    }

    /// Whether a server runs.
    func isAnswered() throws -> Bool {
        try connect(timeoutSeconds: Self.timeoutSeconds) != nil
    }

    private func connect(timeoutSeconds: Int) throws -> UnixConnection? {
        var isDenied = false
        for socketPath in socketPaths {
            do throws(HostError) {
                return try UnixConnection(path: socketPath, timeoutSeconds: timeoutSeconds)
            } catch {
                if UnixConnection.meansNotAllowed(error) {
                    isDenied = true
                    continue
                }
                guard UnixConnection.meansNobodyListens(error) else { throw error }
            }
        }
        guard !isDenied else {
            throw CommandFailure(
                .refused,
                "This user may not administer the server: run the command as root, with sudo, or as the server's user."
            )
        }
        return nil
    }

    private func send(
        _ method: Method,
        _ path: String,
        _ body: [UInt8],
        person: String?,
        over connection: borrowing UnixConnection
    ) throws -> AdminReply {
        let personLine = person.map { "\(FieldName.person.text): \($0)\r\n" } ?? ""
        let head = """
            \(method.text) \(path) HTTP/1.1\r
            Host: localhost\r
            Content-Type: application/json\r
            Content-Length: \(body.count)\r
            Connection: close\r
            \(personLine)\r

            """
        do throws(HostError) {
            try connection.send(Array(head.utf8) + body)
            let bytes = try connection.receiveAll(bytesMax: Self.answerBytesMax)
            // A part of an answer is all that a server leaves that is killed.
            if let reply = AdminReply(message: bytes) { return reply }
        } catch {
            guard UnixConnection.meansGone(error) else { throw error }
        }
        throw CommandFailure(
            .unreachable,
            "The server has gone before it answered; whether it has carried the command out is not known."
        )
    }
}

/// The answer to an administrative command.
struct AdminReply {
    let status: UInt16
    let body: [UInt8]
    /// What the body says; empty if it is no JSON object.
    let object: JSONObject

    init(status: UInt16, body: [UInt8]) {
        self.status = status
        self.body = body
        let value = body.first == UInt8(ascii: "{") ? try? JSONValue(parsing: body) : nil
        object = value?.object ?? JSONObject()
    }

    /// Takes a whole HTTP message apart; nil if it is none or its body is not complete.
    init?(message: [UInt8]) {
        let end: [UInt8] = [13, 10, 13, 10]
        guard let bodyStart = message.indices.first(where: { message[$0...].starts(with: end) }) else {
            return nil
        }
        let head = String(decoding: message[..<bodyStart], as: UTF8.self)
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = UInt16(words[1]) else { return nil }
        let body = Array(message[(bodyStart + end.count)...])
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
            guard Int(parts[1].drop { $0 == " " }) == body.count else { return nil }
        }
        self.init(status: status, body: body)
    }

    /// The result of a command that was carried out.
    func result() throws -> JSONObject {
        guard (200..<300).contains(status) else {
            let sentence = object.text("message")
            throw CommandFailure(
                CommandFailure.Kind(rawValue: object.text("error")) ?? .failed,
                sentence.isEmpty ? "The server answered with status \(status)." : sentence
            )
        }
        return object
    }
}

extension String {
    /// The text as one segment of a path, which is not taken for `.` or `..`.
    var escaped: String { PercentEncoding.encode(self).replacing(".", with: "%2E") }
}
