import JSON

/// The form of a file of exported resources: JSON lines between a head and an end, which shows that none is missing.
enum ExportFile {
    private static let format = "pharos-scim-export"
    /// Version 1 had no definitions.
    private static let versions = 1...2

    static let head = head(version: versions.upperBound)

    private static func head(version: Int) -> JSONObject {
        JSONObject(uniqueMembers: [
            .init(name: "format", value: .string(format)),
            .init(name: "version", value: .number(JSONNumber(version))),
        ])
    }

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
        guard let first = try lines.next(), let head = try? object(first, 1),
            versions.contains(where: { self.head(version: $0) == head })
        else {
            throw CommandFailure(.refused, "The file is no export of this version of pharos-scim.")
        }
        var last = first
        while let line = try lines.next() { last = line }
        let count = lines.number - 2
        guard count >= 0, try object(last, lines.number) == end(lines: count) else {
            throw CommandFailure(
                .refused,
                "The export is not whole: its last line is missing, or lines of it are."
            )
        }
        return count
    }

    static func object(_ line: [UInt8], _ number: Int) throws -> JSONObject {
        guard case .object(let object) = try document(line, number).value(at: JSONDocument.root) else {
            throw CommandFailure(.refused, "Line \(number) is no JSON object.")
        }
        return object
    }

    /// The object of a line as it is written there, which is JSON for sure, with nothing around it.
    static func objectText(_ line: [UInt8], _ number: Int) throws -> ArraySlice<UInt8> {
        let document = try document(line, number)
        guard document.kind(of: JSONDocument.root) == .object else {
            throw CommandFailure(.refused, "Line \(number) is no JSON object.")
        }
        return line[document.range(of: JSONDocument.root)]
    }

    private static func document(_ line: [UInt8], _ number: Int) throws -> JSONDocument {
        do throws(JSONError) { return try JSONDocument(parsing: line) } catch {
            throw CommandFailure(.refused, "Line \(number) is no JSON: \(error).")
        }
    }
}

extension ImportArguments {
    /// Bytes of the lines of one batch, beside its last one.
    private static let batchBytesMax = 512 * 1_024

    /// Imports what `export` wrote.
    func importExport(_ options: [JSONObject.Member]) async throws {
        try await ImportedFile(file).reading { try await importExport(at: $0, options) }
    }

    private func importExport(at path: String, _ options: [JSONObject.Member]) async throws {
        let count = try ExportFile.lineCount(of: path)
        var lines = try LineSplitter(path: path)
        _ = try lines.next()
        let (definitions, firstLine) = try ExportedDefinitions.read(from: &lines, before: count + 2)
        let session = try await data.withChannel { channel in
            var session = ImportSession(
                channel,
                tenant: name.tenant,
                what: "resources",
                options: options,
                linesInFile: count,
                isDryRun: dryRun
            )
            // Whether the tenant takes anything is decided before its schemas are changed.
            try await session.ask([.init(name: "first", value: .bool(true))])
            try await definitions.add(to: name.tenant, through: channel, isDryRun: dryRun)
            let first = firstLine.map { [JSONValue.array([.number(JSONNumber($0)), .object($1)])] }
            var batch = try Self.batch(after: SentLines(first ?? []), &lines, through: count + 1)
            while batch.count > 0 {
                batch = try await session.send(batch) { () throws in
                    try Self.batch(after: SentLines(), &lines, through: count + 1)
                }
            }
            return session
        }
        try session.finish(output)
    }

    /// The next lines, each behind its number, up to the line `end`.
    private static func batch(
        after first: SentLines,
        _ lines: inout LineSplitter,
        through end: Int
    ) throws -> SentLines {
        var batch = first
        var bytes = 0
        while lines.number < end, batch.count < ImportSession.batchLines, bytes < batchBytesMax,
            let line = try lines.next()
        {
            bytes += line.count
            batch.append(lines.number, json: try ExportFile.objectText(line, lines.number))
        }
        return batch
    }
}
