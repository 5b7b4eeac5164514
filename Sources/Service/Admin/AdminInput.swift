import HTTP
import JSON
import Tenancy

/// The body of a command: a JSON object with members that the command takes, each of its kind, or nothing.
struct AdminInput: Sendable {
    /// What a member holds; null stands for none.
    enum Kind: Sendable {
        case text, flag, integer, list
        /// The content of a file, which is judged by whoever takes it.
        case content

        fileprivate func fits(_ value: JSONValue) -> Bool {
            switch (self, value) {
            case (.content, _), (_, .null), (.text, .string), (.flag, .bool), (.list, .array): true
            case (.integer, .number(let number)): number.int64.flatMap { Int(exactly: $0) } != nil
            default: false
            }
        }

        fileprivate var phrase: String {
            switch self {
            case .text: "a text"
            case .flag: "true or false"
            case .integer: "a whole number"
            case .list: "a list"
            case .content: "the content of a file"
            }
        }
    }

    private let object: JSONObject

    /// Reads a body, and refuses what the command that `head` asks for does not take.
    init(_ body: [UInt8], for head: Request) throws(AdministrationError) {
        object = try Self.object(body)
        let kinds = Self.members(head.method, head.target.segments)
        for member in object.members {
            guard let kind = kinds[member.name] else {
                throw .invalidBody("The command takes no member \(member.name).")
            }
            guard kind.fits(member.value) else {
                throw .invalidBody("\(member.name) is \(kind.phrase).")
            }
        }
    }

    func text(_ name: String) -> String? {
        if case .string(let text)? = object[name] { text } else { nil }
    }

    /// The value of a member; null if there is none.
    func value(_ name: String) -> JSONValue { object[name] ?? .null }

    /// Whether a member is there and true.
    func flag(_ name: String) -> Bool { object[name] == .bool(true) }

    func integer(_ name: String) -> Int? {
        if case .number(let number)? = object[name] { number.int64.map(Int.init) } else { nil }
    }

    /// The texts of a list; nil if there is none.
    func texts(_ name: String) -> [String]? {
        guard object[name] != nil else { return nil }
        return list(name).map { if case .string(let text) = $0 { text } else { "" } }
    }

    func list(_ name: String) -> [JSONValue] {
        if case .array(let elements)? = object[name] { elements } else { [] }
    }

    private static func object(_ body: [UInt8]) throws(AdministrationError) -> JSONObject {
        guard !body.isEmpty else { return JSONObject() }
        do throws(JSONError) {
            if case .object(let object) = try JSONValue(parsing: body, limits: .default) { return object }
        } catch {
            throw .invalidBody("The body is no acceptable JSON: \(error).")
        }
        throw .invalidBody("The body is no JSON object.")
    }

    /// The members that a command takes.
    private static func members(_ method: HTTP.Method, _ path: [String]) -> [String: Kind] {
        guard method == .post else { return [:] }
        if path.first == "console-links" || path.first == "console-sign-ins" { return consoleMembers(path) }
        if path == ["audit", "verified"] { return ["records": .integer, "fault": .text] }
        guard path.first == "tenants" else { return [:] }
        switch (path.count, path.count > 2 ? path[2] : "") {
        case (1, _):
            let settings = TenantSetting.all.map { ($0.name, Kind.text) }
            return Dictionary([("name", .text)] + settings) { first, _ in first }
        case (3, "schemas"): return ["file": .content, "extend": .text, "required": .flag]
        case (3, "resource-types"): return ["file": .content]
        case (3, "indexes"): return ["resourceType": .text, "attribute": .text]
        case (3, "audit-hash"): return ["attribute": .text, "name": .text]
        case (3, "rehearsals"): return ["client": .text]
        case (3, let setting):
            let names = TenantSetting.all.filter { $0.hyphenatedName == setting }.map(\.name)
            return Dictionary(names.map { ($0, .text) }) { first, _ in first }
        case (4, "tokens"): return ["overlapSeconds": .integer, "replaces": .list]
        case (5, "tokens"): return ["unusedSeconds": .integer]
        case (4, "import"):
            return [
                "columns": .list, "lines": .list, "dryRun": .flag, "atomic": .flag, "replace": .flag,
                "evenThoughScimIsConnected": .flag, "first": .flag, "resume": .flag, "tenantCreated": .text,
            ]
        default: return [:]
        }
    }

    private static func consoleMembers(_ path: [String]) -> [String: Kind] {
        switch path {
        case ["console-links"]: ["tenant": .text, "role": .text, "minutes": .integer]
        case ["console-links", "redeem"]: ["secret": .text, "address": .text]
        case ["console-links", "console"]: ["url": .text]
        case ["console-sign-ins"]: ["outcome": .text, "tenant": .text, "role": .text, "address": .text]
        default: [:]
        }
    }
}
