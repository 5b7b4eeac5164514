import Directory
import HTTP
import JSON
import Transfer

/// Sends an import batch by batch, and adds up what becomes of it.
struct ImportSession {
    private let channel: AdminChannel
    private let path: String
    private let options: [JSONObject.Member]
    private let linesInFile: Int
    private(set) var summary: ImportSummary

    /// Lines of one batch.
    static let batchLines = TenantTransfer.linesMax / 2
    /// Bytes of one request, below what the server takes.
    static let requestBytesMax = 900_000

    init(
        _ channel: AdminChannel,
        tenant: String,
        what: String,
        options: [JSONObject.Member],
        linesInFile: Int,
        isDryRun: Bool
    ) {
        self.channel = channel
        path = "/tenants/\(tenant.escaped)/import/\(what)"
        self.options = options + [.init(name: "dryRun", value: .bool(isDryRun))]
        self.linesInFile = linesInFile
        summary = ImportSummary(tenant: tenant, isDryRun: isDryRun)
    }

    /// Asks whether lines would be taken, and sends none.
    func ask(_ more: [JSONObject.Member]) async throws {
        let none = JSONObject.Member(name: "lines", value: .array([]))
        _ = try await channel.send(.post, path, JSONObject(uniqueMembers: options + more + [none]))
    }

    /// Sends lines, and reads meanwhile what comes after them.
    ///
    /// - Returns: what `next` has read.
    /// - Throws: ``CommandFailure`` that tells how far the import has come, and then what `next` throws.
    mutating func send<Next>(_ lines: SentLines, beside next: () throws -> Next) async throws -> Next {
        guard lines.count > 0 else { return try next() }
        let body = lines.body(options)
        let (channel, path) = (channel, path)
        async let report = channel.send(.post, path, content: body)
        let following = Result { try next() }
        do {
            summary.add(try await report, lines: lines.count)
        } catch {
            guard summary.lineCount > 0, !summary.isDryRun else { throw error }
            throw CommandFailure(
                (error as? CommandFailure)?.kind ?? .refused,
                "\(error) The \(summary.lineCount) lines before this have been imported."
            )
        }
        Terminal.progress("importing: \(summary.lineCount) of \(linesInFile) lines")
        return try following.get()
    }

    /// Counts a line that is refused here.
    mutating func refuse(_ line: Int, _ reason: String) { summary.refuse(line, reason) }

    /// Shows what was done.
    ///
    /// - Throws: ``ImportSummary/someRefused`` if a line was refused.
    func finish(_ output: OutputOptions) throws {
        Terminal.progress("")
        summary.show(output)
        if summary.refusedCount > 0 { throw ImportSummary.someRefused }
    }
}

/// Lines as they are sent, each a JSON list that begins with its number.
struct SentLines {
    private(set) var count = 0
    private var text: [UInt8] = []

    init() {}

    init(_ lines: [JSONValue]) {
        for line in lines {
            beginLine()
            line.write(to: &text)
        }
    }

    /// Adds a line of a value that is JSON already.
    mutating func append(_ number: Int, json: ArraySlice<UInt8>) {
        beginLine()
        text += "[\(number),".utf8
        text += json
        text.append(UInt8(ascii: "]"))
    }

    private mutating func beginLine() {
        if count > 0 { text.append(UInt8(ascii: ",")) }
        count += 1
    }

    /// What the command sends: an object with these members and the lines.
    fileprivate func body(_ members: [JSONObject.Member]) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(text.count + 256)
        body.append(UInt8(ascii: "{"))
        for member in members {
            JSONWriter.appendString(member.name, to: &body)
            body.append(UInt8(ascii: ":"))
            member.value.write(to: &body)
            body.append(UInt8(ascii: ","))
        }
        body += #""lines":["#.utf8
        body += text
        body += "]}".utf8
        return body
    }
}
