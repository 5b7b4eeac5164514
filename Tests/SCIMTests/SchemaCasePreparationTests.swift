import SCIM
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

    /// A line for each character, in blocks: all of Unicode but most ideographs and syllables, which have no case.
    private static let blocks: [String] = {
        let ranges: [Range<UInt32>] = [
            0x80..<0x3400, 0xA000..<0xAD00, 0xF900..<0x1_2000, 0x1_6000..<0x1_7000, 0x1_B000..<0x1_FC00,
            0x2_F800..<0x2_FA20,
        ]
        let scalars = ranges.joined().lazy.compactMap(Unicode.Scalar.init)
            .filter { $0.properties.generalCategory != .unassigned }
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

    @Test("Preparing what is prepared changes nothing, for every assigned character")
    func idempotent() {
        for block in Self.blocks {
            let once = CasePreparation.prepare(block)
            #expect(CasePreparation.prepare(once).utf8.elementsEqual(once.utf8))
        }
    }

    @Test("F-04: every character is one with its upper and lower case, the dotless ı aside")
    func cases() {
        for block in Self.blocks {
            var (upper, lower, plain) = ("", "", "")
            for scalar in block.unicodeScalars where scalar != "\u{131}" {
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
}
