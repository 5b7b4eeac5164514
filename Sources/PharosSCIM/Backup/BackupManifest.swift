import JSON
import Reactor
import TLS

/// What a backup says of itself: `manifest.json`, which is written last.
///
/// ```
/// {"format":"pharos-scim-backup","version":1,"program":"0.2.0",…,"files":[{"name":"rows","bytes":…,"sha256":…},…],"sha256":…}
/// ```
/// One line, whose last member is the digest of the line without it.
struct BackupManifest {
    /// A file beside the manifest.
    struct File {
        let name: String
        let bytes: Int
        let sha256: String
    }

    /// Without its own digest.
    private let object: JSONObject

    static let fileName = "manifest.json"
    private static let format = "pharos-scim-backup"
    private static let version = 1
    private static let bytesMax = 64 << 20
    private static let mode: UInt32 = 0o600

    /// Takes what the copy says of itself, and its files.
    init(summary: JSONObject, files: [File]) {
        let members =
            [
                .init(name: "format", value: .string(Self.format)), .init("version", Self.version),
                .init(name: "program", value: .string(programVersion)),
            ] + summary.members + [
                .init(
                    name: "files",
                    value: .array(
                        files.map { file in
                            .object(
                                JSONObject(uniqueMembers: [
                                    .init(name: "name", value: .string(file.name)),
                                    .init("bytes", file.bytes),
                                    .init(name: "sha256", value: .string(file.sha256)),
                                ])
                            )
                        }
                    )
                )
            ]
        object = JSONObject(uniqueMembers: members)
    }

    /// Reads the manifest of a folder.
    ///
    /// - Throws: ``CommandFailure`` if the folder has none, or it is damaged or of a later program.
    init(in folder: String) throws {
        let path = "\(folder)/\(Self.fileName)"
        guard let bytes = try Host.readFile(path, bytesMax: Self.bytesMax) else {
            throw CommandFailure(
                Host.exists(folder) ? .refused : .notThere,
                Host.exists(folder)
                    ? "\(folder) has no manifest.json: it is no backup, or one that was not finished."
                    : "There is no folder \(folder)."
            )
        }
        guard case .object(var object)? = try? JSONValue(parsing: bytes), object.text("format") == Self.format
        else { throw CommandFailure(.refused, "\(path) is damaged, or no manifest of a backup.") }
        let (line, digest) = (object.line + "\n", object.text("sha256"))
        object["sha256"] = nil
        guard Array(line.utf8) == bytes, Self.digest(of: object) == digest else {
            throw CommandFailure(.refused, "\(path) is damaged.")
        }
        guard object.integer("version") == Self.version else {
            throw CommandFailure(
                .refused,
                "The backup has form \(object.integer("version")), and this program reads \(Self.version): use pharos-scim \(object.text("program"))."
            )
        }
        self.object = object
    }

    var files: [File] {
        object.objects("files").map {
            File(name: $0.text("name"), bytes: $0.integer("bytes"), sha256: $0.text("sha256"))
        }
    }

    var rowCount: Int { object.integer("rows") }
    var recordCount: Int { object.integer("records") }
    var damagedRowCount: Int { object.integer("damagedRows") }
    /// When the last change was made that the copy has.
    var time: String { object.text("time") }

    /// With its digest.
    var json: JSONObject {
        var object = object
        object["sha256"] = .string(Self.digest(of: object))
        return object
    }

    /// Writes the manifest, whereby the backup is one.
    func write(to folder: String) throws {
        var file = try OutputFile(path: "\(folder)/\(Self.fileName)", mode: Self.mode)
        try file.write(Array((json.line + "\n").utf8))
        try file.finish()
        try Host.syncFolder(folder)
    }

    private static func digest(of object: JSONObject) -> String {
        Digest.sha256(Array(object.line.utf8).span).hexText
    }
}

extension [UInt8] {
    /// The bytes in lower-case hexadecimal digits.
    var hexText: String {
        var text = ""
        for byte in self {
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16)
        }
        return text
    }
}
