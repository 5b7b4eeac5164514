// RFC 7644 §3.4.2.2, figure 1, with errata 4690 and 7322 (conditions inside a value path), 7319 (the blank
// after `not` is optional) and 8924 (`$ref`). Accepted beyond the grammar: blanks may repeat and stand next
// to parentheses. Where the profile has looseFilters: `True` for `true`; a text without quotes, up to a blank, a
// parenthesis or a bracket, if it is no other literal, no `and` or `or` and begins with no apostrophe; a number for the
// text that it is, if the attribute holds texts and is not ordered; and `emails[type eq "work"].value eq "x"`, which Entra sends for a
// matching attribute and which means `emails[type eq "work" and value eq "x"]`. Not accepted: a value path inside a
// value path (RFC 7643 §2.3.8: a complex attribute holds no complex one), `not` without parentheses.

extension Filter {
    /// Reads a filter.
    ///
    /// - Throws: `invalidFilter` if the text does not follow the grammar or exceeds ``FilterLimits``;
    ///   `detail` gives the byte where, never the text.
    package static func parse(_ text: String, _ profile: Profile = .default) throws(SCIMError) -> Filter {
        try FilterParser.parse(Array(text.utf8), profile)
    }
}

/// Descends through `or`, `and`, `not` and groups; the lexer has bounded how deep that can go.
struct FilterParser {
    private let bytes: [UInt8]
    private let tokens: [FilterToken]
    private let isLoose: Bool
    private var index = 0
    private var nodes = 0

    static func parse(_ bytes: [UInt8], _ profile: Profile) throws(SCIMError) -> Filter {
        try parse(bytes, isInValuePath: false, profile)
    }

    /// Reads what stands between the brackets of a value path.
    static func parseInner(_ bytes: [UInt8], _ profile: Profile) throws(SCIMError) -> Filter {
        try parse(bytes, isInValuePath: true, profile)
    }

    private static func parse(
        _ bytes: [UInt8],
        isInValuePath: Bool,
        _ profile: Profile
    ) throws(SCIMError) -> Filter {
        let isLoose = profile.contains(.looseFilters)
        var parser = FilterParser(
            bytes: bytes,
            tokens: try FilterLexer.tokens(of: bytes, isLoose: isLoose),
            isLoose: isLoose
        )
        guard !parser.tokens.isEmpty else { throw SCIMError(.invalidFilter, "The filter is empty.") }
        let filter = try parser.disjunction(isInValuePath: isInValuePath)
        guard parser.index == parser.tokens.count else { throw parser.refusal("goes on after its end") }
        return filter
    }

    private init(bytes: [UInt8], tokens: [FilterToken], isLoose: Bool) {
        self.bytes = bytes
        self.tokens = tokens
        self.isLoose = isLoose
    }

    private mutating func disjunction(isInValuePath: Bool) throws(SCIMError) -> Filter {
        let first = try conjunction(isInValuePath: isInValuePath)
        guard isWord("or") else { return first }
        var terms = [first]
        while take(keyword: "or") { terms.append(try conjunction(isInValuePath: isInValuePath)) }
        return .any(terms)
    }

    private mutating func conjunction(isInValuePath: Bool) throws(SCIMError) -> Filter {
        let first = try term(isInValuePath: isInValuePath)
        guard isWord("and") else { return first }
        var terms = [first]
        while take(keyword: "and") { terms.append(try term(isInValuePath: isInValuePath)) }
        return .all(terms)
    }

    private mutating func term(isInValuePath: Bool) throws(SCIMError) -> Filter {
        nodes += 1
        guard nodes <= FilterLimits.nodesMax else {
            throw SCIMError(.invalidFilter, "The filter has more than \(FilterLimits.nodesMax) conditions.")
        }
        if take(.open) { return try group(isInValuePath: isInValuePath) }
        // `not` is also a possible attribute name: only the parenthesis makes it the operator.
        if index + 1 < tokens.count, tokens[index + 1].kind == .open, take(keyword: "not") {
            index += 1
            return .not(try group(isInValuePath: isInValuePath))
        }
        return try attributeExpression(isInValuePath: isInValuePath)
    }

    /// The rest of a group whose parenthesis has been read.
    private mutating func group(isInValuePath: Bool) throws(SCIMError) -> Filter {
        let inner = try disjunction(isInValuePath: isInValuePath)
        guard take(.close) else { throw refusal("has a parenthesis that is not closed") }
        return inner
    }

    private mutating func attributeExpression(isInValuePath: Bool) throws(SCIMError) -> Filter {
        guard let word = word(at: index) else { throw refusal("lacks an attribute name") }
        let path: AttributePath
        do throws(SCIMError) { path = try AttributePath(parsing: word) } catch {
            throw refusal("has something that is not an attribute name")
        }
        let end = tokens[index].range.upperBound
        index += 1
        if index < tokens.count, tokens[index].kind == .openBracket, tokens[index].range.lowerBound == end {
            guard !isInValuePath else { throw refusal("has a value path inside a value path") }
            guard path.subAttribute == nil else { throw refusal("has a value path on a sub-attribute") }
            index += 1
            return try valuePath(path)
        }
        return try operation(on: path)
    }

    /// The rest of a value path whose bracket has been read.
    private mutating func valuePath(_ path: AttributePath) throws(SCIMError) -> Filter {
        let inner = try disjunction(isInValuePath: true)
        guard take(.closeBracket) else { throw refusal("has a bracket that is not closed") }
        guard let suffix = word(at: index), suffix.utf8.first == UInt8(ascii: "."),
            tokens[index].range.lowerBound == tokens[index - 1].range.upperBound
        else { return .valuePath(path, inner) }
        guard isLoose else { throw refusal("has a sub-attribute behind a value path") }
        guard let sub = try? AttributePath(parsing: String(suffix.dropFirst())), sub.subAttribute == nil,
            sub.schema == nil
        else { throw refusal("has something that is not a sub-attribute name") }
        index += 1
        return .valuePath(path, .all([inner, try operation(on: sub)]))
    }

    private mutating func operation(on path: AttributePath) throws(SCIMError) -> Filter {
        guard let word = word(at: index) else { throw refusal("lacks an operator") }
        if take(keyword: "pr") { return .present(path) }
        guard let comparison = Filter.Operator(anyCase: word) else {
            throw refusal("has an unknown operator")
        }
        index += 1
        return .comparison(path, comparison, try literal())
    }

    private mutating func literal() throws(SCIMError) -> Filter.Literal {
        guard index < tokens.count else { throw refusal("lacks a value") }
        let value: Filter.Literal
        switch tokens[index].kind {
        case .string(let text): value = .string(text)
        case .number(let number): value = .number(number)
        case .word:
            // JSON's own spelling is lower case; PingFederate and others capitalise.
            if isLiteral("true") {
                value = .bool(true)
            } else if isLiteral("false") {
                value = .bool(false)
            } else if isLiteral("null") {
                value = .null
            } else if let text = unquotedText() {
                value = .string(text)
            } else {
                throw refusal("has a value without quotes")
            }
        default: throw refusal("lacks a value")
        }
        index += 1
        return value
    }

    /// The next word as a text that was meant to be in quotes; nil where it more likely shows that the value is missing, or
    /// is in quotes that JSON does not know.
    private func unquotedText() -> String? {
        guard isLoose, !isWord("and"), !isWord("or"), let word = word(at: index),
            word.utf8.first != UInt8(ascii: "'")
        else { return nil }
        return word
    }

    private func word(at index: Int) -> String? {
        guard index < tokens.count, case .word = tokens[index].kind else { return nil }
        return String(decoding: bytes[tokens[index].range], as: UTF8.self)
    }

    /// Whether the next token is this word, in any case.
    private func isWord(_ keyword: String) -> Bool {
        guard index < tokens.count, case .word = tokens[index].kind else { return false }
        return String.equalsIgnoringASCIICase(bytes.span.extracting(tokens[index].range), keyword.utf8.span)
    }

    /// Whether the next token is this literal; JSON's are lower case.
    private func isLiteral(_ literal: String) -> Bool {
        isWord(literal) && (isLoose || word(at: index) == literal)
    }

    private mutating func take(_ kind: FilterToken.Kind) -> Bool {
        guard index < tokens.count, tokens[index].kind == kind else { return false }
        index += 1
        return true
    }

    private mutating func take(keyword: String) -> Bool {
        guard isWord(keyword) else { return false }
        index += 1
        return true
    }

    private func refusal(_ what: String) -> SCIMError {
        let position = index < tokens.count ? tokens[index].range.lowerBound : bytes.count
        return SCIMError(.invalidFilter, "The filter \(what), at byte \(position).")
    }
}
