import JSON
import SCIM
import TestSupport
import Testing

@Suite("Any filter")
struct FilterPropertyTests {
    private static let filtersPerSeed = 100

    @Test(
        "F-01: parsing the printed form of any filter gives the same filter",
        arguments: PropertyRounds.seeds(20)
    )
    func roundTrip(seed: UInt64) throws {
        var generator = FilterGenerator(seed: seed)
        for _ in 0..<Self.filtersPerSeed {
            let filter = generator.filter(depth: 4)
            let text = filter.description
            guard text.utf8.count <= FilterLimits.bytesMax else { continue }
            #expect(try Filter.parse(text) == filter, "seed \(seed): \(text)")
        }
    }

    @Test(
        "F-01, F-03: blanks, superfluous parentheses and the case of operators change nothing",
        arguments: PropertyRounds.seeds(20)
    )
    func spelling(seed: UInt64) throws {
        var generator = FilterGenerator(seed: seed)
        for _ in 0..<Self.filtersPerSeed {
            let filter = generator.filter(depth: 3)
            let text = generator.spelled(filter)
            guard text.utf8.count <= FilterLimits.bytesMax else { continue }
            #expect(try Filter.parse(text) == filter, "seed \(seed): \(text)")
        }
    }
}

/// Makes filters in the form that the parser gives: chains are wide, with no `and` directly inside an `and`.
private struct FilterGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func filter(depth: Int) -> Filter { filter(depth, isInValuePath: false) }

    private mutating func filter(_ depth: Int, isInValuePath: Bool) -> Filter {
        switch depth <= 0 ? 0 : Int.random(in: 0...6, using: &random) {
        case 1: .and(terms(depth, isInValuePath) { if case .and = $0 { true } else { false } })
        case 2: .or(terms(depth, isInValuePath) { if case .or = $0 { true } else { false } })
        case 3: .not(filter(depth - 1, isInValuePath: isInValuePath))
        // Value paths do not nest (RFC 7643 §2.3.8).
        case 4 where !isInValuePath: .valuePath(path(hasSub: false), filter(depth - 1, isInValuePath: true))
        case 5: .present(path(hasSub: true))
        default: .comparison(path(hasSub: true), random.pick(Filter.Operator.allCases), literal())
        }
    }

    private mutating func terms(
        _ depth: Int,
        _ isInValuePath: Bool,
        isSame: (Filter) -> Bool
    ) -> [Filter] {
        var terms: [Filter] = []
        while terms.count < 2 || random.isOne(in: 3) {
            let term = filter(depth - 1, isInValuePath: isInValuePath)
            if !isSame(term) { terms.append(term) }
        }
        return terms
    }

    private mutating func path(hasSub: Bool) -> AttributePath {
        let names = ["userName", "a", "$ref", "x-y_2", "and", "or", "not", "true", "eq", "pr", "null"]
        let schemas = ["urn:example:ext:2.0:User", "urn:scim:schemas:core:1.0", "http://a.example/b?c=d#e"]
        return AttributePath(
            schema: random.isOne(in: 4) ? random.pick(schemas) : nil,
            attribute: random.pick(names),
            subAttribute: hasSub && random.isOne(in: 2) ? random.pick(names) : nil
        )
    }

    private mutating func literal() -> Filter.Literal {
        switch Int.random(in: 0...5, using: &random) {
        case 0: return .bool(Bool.random(using: &random))
        case 1: return .null
        case 2: return .number(JSONNumber(Int64.random(in: Int64.min...Int64.max, using: &random)))
        case 3: return .number(JSONNumber(validated: random.pick(["-0", "0.50", "1e10", "12.5E-3", "0E+0"])))
        default:
            let pieces = [
                "a", "\"", "\\", "/", "\u{0}", "\n", "é", "e\u{301}", "😀", " ", "]", ")", "\u{2028}",
                "\u{7F}",
                "\u{FFFD}", " and ", "\u{1F468}\u{200D}\u{1F469}", "\u{10FFFF}",
            ]
            let count = Int.random(in: 0...6, using: &random)
            return .string((0..<count).map { _ in random.pick(pieces) }.joined())
        }
    }

    // MARK: - Spelling

    /// The filter as a careless client writes it.
    mutating func spelled(_ filter: Filter) -> String {
        let text =
            switch filter {
            case .and(let terms): joined(terms, "and") { if case .or = $0 { true } else { false } }
            case .or(let terms): joined(terms, "or") { _ in false }
            case .not(let inner): anyCase("not") + blanks(0) + "(\(spelled(inner))\(blanks(0)))"
            case .valuePath(let path, let inner): "\(path)[\(blanks(0))\(spelled(inner))\(blanks(0))]"
            case .comparison(let path, let comparison, let literal):
                "\(path)\(blanks(1))\(anyCase(comparison.rawValue))\(blanks(1))\(spelled(literal))"
            case .present(let path): "\(path)\(blanks(1))\(anyCase("pr"))"
            }
        return random.isOne(in: 5) ? "(\(blanks(0))\(text)\(blanks(0)))" : text
    }

    private mutating func joined(
        _ terms: [Filter],
        _ word: String,
        needsParentheses: (Filter) -> Bool
    ) -> String {
        var text = ""
        for (index, term) in terms.enumerated() {
            if index > 0 { text += blanks(1) + anyCase(word) + blanks(1) }
            text += needsParentheses(term) ? "(\(spelled(term)))" : spelled(term)
        }
        return text
    }

    private mutating func spelled(_ literal: Filter.Literal) -> String {
        switch literal {
        case .bool(let flag): return anyCase(flag ? "true" : "false")
        case .null: return anyCase("null")
        case .number(let number): return number.text
        case .string(let text) where random.isOne(in: 2) && Self.needsNoQuotes(text): return text
        case .string(let text):
            let units = text.unicodeScalars.map { scalar -> String in
                guard random.isOne(in: 2) || scalar.value < 0x20 || "\"\\".unicodeScalars.contains(scalar)
                else { return String(scalar) }
                return String(scalar).utf16.map { unit in
                    let digits = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }.joined()
            }
            return "\"\(units.joined())\""
        }
    }

    /// Whether a text can stand in a loose filter as it is; none that is drawn is a number or a keyword.
    private static func needsNoQuotes(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0.value != 0x7F && !"()[]\"".unicodeScalars.contains($0)
            }
    }

    private mutating func blanks(_ least: Int) -> String {
        String(
            repeating: " ",
            count: least + (random.isOne(in: 4) ? Int.random(in: 1...3, using: &random) : 0)
        )
    }

    private mutating func anyCase(_ word: String) -> String {
        String(word.map { Bool.random(using: &random) ? Character($0.uppercased()) : $0 })
    }
}
