import Foundation
import JSON
import Testing

// A fixture is a conversation as a client holds it:
//
//     {"claim": "what it shows, with the requirements' ids",
//      "steps": [{"send": "PATCH /Users/{ann}", "body": {…}, "status": 200,
//                 "answer": {…}, "keep": {"name": "path.in.the.answer"}}]}
//
// `answer` is a part of the answer: members that it does not name may be there, elements of its lists stand in any
// order and no others are there. In it `"$absent"`, `"$integer"`, `"$text"` and `"$list"` stand for what they say.
// `{name}` is a text that an earlier step kept; `keep` with the path `$` keeps the whole answer. `body` may be
// `{"$read": "name", "change": {…}}`: what was read, changed, sent back; `raw` is a body that is no JSON.
// `order` lists the ids of the answer's Resources in their order. `error` is the scimType of a refusal, or "" where it
// has none; `why` is the sentence of an RFC that decides where servers differ. The rest of `client.json` is what a
// client's every request has: `contentType` of bodies, `fields`, and how it writes a `space` in a target.

/// One conversation of a client with the service.
struct Flow {
    let claim: String
    let client: FlowClient
    let steps: [FlowStep]

    init(_ file: FlowFile) throws {
        let object = try JSONValue(file: file.url).object
        claim = try object.requiredText("claim")
        client = try FlowClient(file.url.deletingLastPathComponent().appending(path: "client.json"))
        guard case .array(let values)? = object["steps"] else { throw FixtureError("steps in \(file)") }
        steps = try values.map { try FlowStep($0.object) }
    }
}

/// What every request of a client looks like.
struct FlowClient {
    let contentType: String?
    let fields: [(String, String)]
    let space: String

    init(_ url: URL) throws {
        let object = try JSONValue(file: url).object
        contentType = object.text("contentType")
        space = object.text("space") ?? "%20"
        fields = try object["fields"]?.object.members.map { ($0.name, try $0.value.requiredText) } ?? []
    }
}

/// A request, and what is expected of its answer.
struct FlowStep {
    let method: String
    let target: String
    let body: JSONValue?
    let raw: String?
    let fields: [(String, String)]
    let status: Int
    let error: String?
    let answer: JSONValue?
    let order: [String]?
    let keep: [(name: String, path: String)]

    init(_ object: JSONObject) throws {
        let line = try object.requiredText("send").split(separator: " ", maxSplits: 1)
        (method, target) = (String(line[0]), String(line[1]))
        body = object["body"]
        raw = object.text("raw")
        fields = try object["fields"]?.object.members.map { ($0.name, try $0.value.requiredText) } ?? []
        guard case .number(let number)? = object["status"], let code = number.int64 else {
            throw FixtureError("status of \(line)")
        }
        status = Int(code)
        error = object.text("error")
        answer = object["answer"]
        if case .array(let ids)? = object["order"] {
            order = try ids.map { try $0.requiredText }
        } else {
            order = nil
        }
        keep = try object["keep"]?.object.members.map { ($0.name, try $0.value.requiredText) } ?? []
        let known: Set = [
            "send", "body", "raw", "fields", "status", "error", "answer", "order", "keep", "why",
        ]
        for member in object.members where !known.contains(member.name) {
            throw FixtureError("unknown member \(member.name)")
        }
    }
}

/// A fixture's place, as a test's argument.
struct FlowFile: Sendable, CustomTestStringConvertible, CustomStringConvertible {
    let url: URL

    var description: String { "\(url.deletingLastPathComponent().lastPathComponent)/\(name)" }
    var testDescription: String { description }
    private var name: String { url.deletingPathExtension().lastPathComponent }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")

    /// Every fixture in the folders of all clients.
    static let all: [FlowFile] = {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let urls = files?.compactMap { $0 as? URL } ?? []
        return urls.filter { $0.pathExtension == "json" && $0.lastPathComponent != "client.json" }
            .sorted { $0.path < $1.path }.map(FlowFile.init)
    }()
}

struct FixtureError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension JSONValue {
    init(file: URL) throws {
        do { self = try JSONValue(parsing: Array(try Data(contentsOf: file))) } catch {
            throw FixtureError("\(file.lastPathComponent): \(error)")
        }
    }

    var object: JSONObject {
        get throws {
            guard case .object(let object) = self else { throw FixtureError("an object is expected") }
            return object
        }
    }

    var requiredText: String {
        get throws {
            guard case .string(let text) = self else { throw FixtureError("a text is expected") }
            return text
        }
    }
}

extension JSONObject {
    func text(_ name: String) -> String? {
        if case .string(let text)? = self[name] { text } else { nil }
    }

    func requiredText(_ name: String) throws -> String {
        guard let text = text(name) else { throw FixtureError("the text \(name) is missing") }
        return text
    }
}
