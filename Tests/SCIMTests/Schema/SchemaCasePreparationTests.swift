import Foundation
import SCIM
import TestSupport
import Testing

@Suite("Case preparation")
struct SchemaCasePreparationTests {
    private static func isSame(_ a: String, _ b: String) -> Bool {
        CasePreparation.prepare(a).utf8.elementsEqual(CasePreparation.prepare(b).utf8)
    }

    @Test(
        "A-12, F-04, RFC 7644 §7.8: texts that differ in case, width or composition are one",
        arguments: [
            ("BJensen@Example.COM", "bjensen@example.com"), ("STRASSE", "straße"),
            ("STRA\u{1E9E}E", "strasse"),
            ("\u{212A}elvin", "kelvin"), ("\u{212B}ngström", "ångström"), ("caf\u{E9}", "CAFE\u{301}"),
            ("ｊｅｎｓｅｎ", "JENSEN"), ("ＪＥＮＳＥＮ", "jensen"), ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("ς", "σ"),
            ("ﬁsh", "FISH"), ("ŉ", "ʼN"), ("ЖУК", "жук"), ("ΐ", "\u{3B9}\u{308}\u{301}"),
            ("\u{130}", "i\u{307}"), ("ǅ", "dž"), ("①", "1"), ("ᾳ", "αι"), ("Ꭰ", "ꭰ"), ("𐐀", "𐐨"), ("", ""),
        ]
    )
    func same(a: String, b: String) {
        #expect(Self.isSame(a, b), "\(CasePreparation.prepare(a)) and \(CasePreparation.prepare(b))")
    }

    @Test(
        "A-12: other texts stay apart",
        arguments: [
            ("\u{131}", "i"), ("\u{131}", "I"), ("a", "á"), ("o", "ø"), ("ss", "s"), ("jensen", "jensen "),
            ("а", "a"), ("\u{130}", "i"), ("æ", "ae"), ("0", "o"), ("-", "–"),
        ]
    )
    func apart(a: String, b: String) {
        #expect(!Self.isSame(a, b))
    }

    @Test("ASCII goes to lower case byte by byte; everything but letters stays")
    func ascii() {
        for byte in UInt8(0)..<0x80 {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            let text = String(decoding: [UInt8(ascii: "x"), byte], as: UTF8.self)
            #expect(
                Array(CasePreparation.prepare(text).utf8) == [UInt8(ascii: "x"), isUpper ? byte + 32 : byte]
            )
        }
    }

    /// A line for each character of Unicode, in blocks.
    private static let blocks: [String] = {
        let scalars = (UInt32(0x80)...0x10_FFFF).lazy.compactMap(Unicode.Scalar.init)
        var blocks: [String] = []
        var block = ""
        for (index, scalar) in scalars.enumerated() {
            block.unicodeScalars.append(scalar)
            block += "\n"
            if index % 4096 == 4095 {
                blocks.append(block)
                block = ""
            }
        }
        return blocks + [block]
    }()

    @Test(
        "A-12, RFC 7644 §7.8: preparing what is prepared changes nothing, for every character of Unicode"
    )
    func idempotent() {
        #expect(Self.blocks.count > 30)
        for block in Self.blocks {
            let once = CasePreparation.prepare(block)
            #expect(CasePreparation.prepare(once).utf8.elementsEqual(once.utf8))
        }
    }

    @Test("F-04: every character is one with its upper and lower case, the dotless ı aside")
    func cases() {
        for block in Self.blocks {
            var (upper, lower, plain) = ("", "", "")
            for scalar in block.unicodeScalars
            where scalar != "\u{131}" {
                // Unlike String's functions, without an eye on what stands beside it.
                upper += scalar.properties.uppercaseMapping
                lower += scalar.properties.lowercaseMapping
                plain.unicodeScalars.append(scalar)
            }
            let prepared = CasePreparation.prepare(plain)
            #expect(CasePreparation.prepare(upper).utf8.elementsEqual(prepared.utf8))
            #expect(CasePreparation.prepare(lower).utf8.elementsEqual(prepared.utf8))
        }
    }

    /// Characters that change length, form or neighbours when they are folded or composed.
    private static let pieces = [
        "a", "K", "\u{212A}", "ß", "\u{1E9E}", "s", "S", "\u{17F}", "ﬁ", "ﬄ", "Σ", "σ", "ς", "İ", "i", "I",
        "\u{307}", "\u{301}", "\u{327}", "\u{323}", "é", "e\u{301}", "Å", "\u{212B}", "Ａ", "ａ", "ｶ", "ﾞ", "カ",
        "ガ", "ǅ", "Ǆ", "ŉ", "ΐ", "ᾳ", "ᾼ", "ᾈ", "ẖ", "\u{1100}", "\u{1161}", "각", "①", "㎏", "Ꭰ", "ꭰ", "𐐀",
        "ﷺ",
        " ", "\u{A0}", "\u{200D}", "☎\u{FE0F}",
    ]

    @Test(
        "A-12, RFC 7644 §7.8: texts of any characters come to rest at once, and are one with their composed, decomposed and lower-case forms",
        arguments: PropertyRounds.seeds(10)
    )
    func anyText(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in random.pick(Self.pieces) }
                .joined()
            let prepared = CasePreparation.prepare(text)
            let forms = [
                prepared, text.precomposedStringWithCanonicalMapping,
                text.decomposedStringWithCanonicalMapping,
                text.precomposedStringWithCompatibilityMapping, text.lowercased(),
            ]
            for form in forms {
                #expect(Self.isSame(form, text), "seed \(seed): \(text.unicodeScalars.map(\.value))")
            }
        }
    }
}
