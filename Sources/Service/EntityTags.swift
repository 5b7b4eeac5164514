import Directory
import HTTP
import SCIM
import Storage
import Tenancy

// RFC 9110 §8.8.3 and §13.1. Our tags are weak, and RFC 7644 §3.14 lets clients send them in If-Match all the same:
// both fields therefore compare weakly, by the opaque part.

/// The tags of an `If-Match` or `If-None-Match` field.
struct EntityTags {
    let matchesAny: Bool
    /// The versions that the tags stand for; a tag of another form stands for none.
    let versions: [CommitVersion]

    /// Tags in a field beyond this number are not looked at.
    private static let tagsMax = 64

    init(_ field: String) {
        let tags = field.split(separator: ",", maxSplits: Self.tagsMax).map { $0.trimming(" \t") }
        matchesAny = tags == ["*"]
        versions = tags.compactMap(Self.version)
    }

    func match(_ version: CommitVersion) -> Bool { matchesAny || versions.contains(version) }

    /// `W/"17"` or `"17"`; also bare `17`, which some clients send back from `meta.version`.
    private static func version(_ tag: Substring) -> CommitVersion? {
        var tag = tag
        if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
        if tag.count >= 2, tag.first == "\"", tag.last == "\"" { tag = tag.dropFirst().dropLast() }
        guard !tag.isEmpty, tag.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(tag).map(CommitVersion.init).flatMap { $0 == .pending ? nil : $0 }
    }
}

extension RequestPipeline {
    /// Refuses a conditional request (V-02) where the tenant's profile takes none; it is not ignored, because its client relies
    /// on the condition.
    func refuseConditions(_ exchange: Exchange) throws(Refusal) {
        guard let access = exchange.access, !access.profile.contains(.conditionalRequests) else { return }
        let fields = exchange.request.fields
        guard fields.contains(.ifMatch) || fields.contains(.ifNoneMatch) else { return }
        throw Refusal(
            SCIMError(.invalidSyntax, "This tenant's profile takes no If-Match and no If-None-Match.")
        )
    }
}

extension VersionCondition {
    /// What a request demands of the version that it changes.
    init(_ request: Request) {
        if let field = request.fields[.ifMatch] {
            self.init(ifMatch: field)
        } else if let field = request.fields[.ifNoneMatch] {
            let tags = EntityTags(field)
            self = .ifNoneMatch(any: tags.matchesAny, versions: tags.versions)
        } else {
            self = .none
        }
    }

    /// `If-Match`, or the version that an operation of a bulk request names.
    init(ifMatch field: String) {
        let tags = EntityTags(field)
        self = .ifMatch(any: tags.matchesAny, versions: tags.versions)
    }
}

extension Substring {
    /// Without the characters at its ends.
    func trimming(_ characters: String) -> Substring {
        var text = self
        while let first = text.first, characters.contains(first) { text.removeFirst() }
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return text
    }
}
