import JSON

/// The form of a file of exported resources: JSON lines between a head and an end, which shows that none is missing.
enum ExportFile {
    private static let format = "pharos-scim-export"
    private static let version = 1

    static let head = JSONObject(uniqueMembers: [
        .init(name: "format", value: .string(format)),
        .init(name: "version", value: .number(JSONNumber(version))),
    ])

    static func end(lines: Int) -> JSONObject {
        JSONObject(uniqueMembers: [
            .init(name: "end", value: .string(format)),
            .init(name: "lines", value: .number(JSONNumber(lines))),
        ])
    }

    /// Looks through a file.
    ///
    /// - Returns: how many lines it has between head and end.
    /// - Throws: ``CommandFailure`` if it is no export, or not whole.
    static func lineCount(of path: String) throws -> Int {
        var lines = try LineSplitter(path: path)
        guard let first = try lines.next(), try object(first, 1) == head else {
            throw CommandFailure("The file is no export of this version of pharos-scim.")
        }
        var last = first
        while let line = try lines.next() { last = line }
        let count = lines.number - 2
        guard count >= 0, try object(last, lines.number) == end(lines: count) else {
            throw CommandFailure("The export is not whole: its last line is missing, or lines of it are.")
        }
        return count
    }

    static func object(_ line: [UInt8], _ number: Int) throws -> JSONObject {
        do throws(JSONError) {
            if case .object(let object) = try JSONValue(parsing: line) { return object }
        } catch {
            throw CommandFailure("Line \(number) is no JSON: \(error).")
        }
        throw CommandFailure("Line \(number) is no JSON object.")
    }
}

extension ImportArguments {
    /// Bytes of the lines of one batch, beside its last one.
    private static let batchBytesMax = 512 * 1_024

    /// Imports what `export` wrote.
    func importExport(_ options: [JSONObject.Member]) async throws {
        let count = try ExportFile.lineCount(of: file)
        var lines = try LineSplitter(path: file)
        _ = try lines.next()
        let session = try await data.withChannel { channel in
            var session = ImportSession(
                channel,
                tenant: name.tenant,
                what: "resources",
                options: options,
                linesInFile: count,
                isDryRun: dryRun
            )
            var isFirst = true
            while lines.number <= count {
                var batch: [JSONValue] = []
                var bytes = 0
                while lines.number <= count, batch.count < ImportSession.batchLines,
                    bytes < Self.batchBytesMax,
                    let line = try lines.next()
                {
                    bytes += line.count
                    let value = JSONValue.object(try ExportFile.object(line, lines.number))
                    batch.append(.array([.number(JSONNumber(lines.number)), value]))
                }
                try await session.send(batch, [.init(name: "first", value: .bool(isFirst))])
                isFirst = false
            }
            return session
        }
        try session.finish(output)
    }
}
