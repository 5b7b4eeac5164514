import SCIM
import Storage
import TestSupport
import Testing

@testable import Tenancy

@Suite("Keys of unique values")
struct UniqueKeysTests {
    private static func sha256(_ bytes: Span<UInt8>) -> [UInt8] { [UInt8](copying: bytes.extracting(..<8)) }

    @Test(
        "A plain text's key is that of its prepared form, and another text has none",
        arguments: [true, false]
    )
    func keys(isFolded: Bool) throws {
        let kind = try #require(ResourceKinds.core.kind(endpoint: "Users"))
        let unique = kind.indexes.first { $0.isUnique }
        let attribute = try #require(unique)
        let keys = UniqueKeys(7, kind.code, attribute, isFolded: isFolded, sha256: Self.sha256)
        let long = String(repeating: "Xy", count: 400)
        for text in ["ann", "ANN.Lee@Example.COM", "", "[`{@Z", "~ !", long, String(long.prefix(128))] {
            let prepared = isFolded ? CasePreparation.prepare(text) : text
            let key = Keys.unique(7, kind.code, attribute, prepared, sha256: Self.sha256)
            #expect(keys.key(of: text.utf8.span) == key, "\(text)")
        }
        for text in ["\u{1}", "\u{0}", "a\u{7F}", "\u{E4}", "\u{212A}"] {
            #expect(keys.key(of: text.utf8.span) == nil)
        }
    }
}
