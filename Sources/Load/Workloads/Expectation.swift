import HTTP
import JSON

/// What an answer has to be.
enum Expectation: Equatable {
    /// A list with exactly so many results in all.
    case found(Int)
    /// A list with at least one resource.
    case page
    /// The resource with this id.
    case resource(String)
    /// A new resource.
    case created
    /// A change, with or without the resource.
    case changed
    case deleted

    /// Whether an answer is that.
    func holds(for answer: ReceivedResponse) -> Bool {
        switch self {
        case .found(let count):
            return answer.status == .ok && AnswerContent(answer)?.totalResults == count
        case .page:
            guard answer.status == .ok, let content = AnswerContent(answer) else { return false }
            return content.firstResource != nil
        case .resource(let id): return answer.status == .ok && AnswerContent(answer)?.id == id
        case .created: return answer.status == .created && AnswerContent(answer)?.id != nil
        case .changed: return answer.status == .ok || answer.status == .noContent
        case .deleted: return answer.status == .noContent
        }
    }
}

/// The content of an answer as far as it is looked at.
struct AnswerContent {
    private let document: JSONDocument

    /// Nil if the content is no JSON object.
    init?(_ answer: ReceivedResponse) {
        guard let document = try? JSONDocument(parsing: answer.body, limits: LoadLimits.answer),
            document.kind(of: JSONDocument.root) == .object
        else { return nil }
        self.document = document
    }

    var totalResults: Int? {
        guard let node = document.member("totalResults", of: JSONDocument.root) else { return nil }
        return Int(String(decoding: document.bytes[document.range(of: node)], as: UTF8.self))
    }

    var id: String? { text("id", of: JSONDocument.root) }

    /// The first of a list's resources, by its id and externalId.
    var firstResource: (id: String, externalID: String?)? {
        guard let list = document.member("Resources", of: JSONDocument.root),
            document.kind(of: list) == .array
        else { return nil }
        for node in document.children(of: list) {
            return text("id", of: node).map { ($0, text("externalId", of: node)) }
        }
        return nil
    }

    private func text(_ name: String, of node: Int) -> String? {
        guard document.kind(of: node) == .object, let member = document.member(name, of: node),
            document.kind(of: member) == .string
        else { return nil }
        // What stands between the quotation marks is sent back as it is: an id with escapes is none that we could name.
        guard !document.hasEscapes(member) else { return nil }
        return String(decoding: document.bytes[document.range(of: member)], as: UTF8.self)
    }
}
