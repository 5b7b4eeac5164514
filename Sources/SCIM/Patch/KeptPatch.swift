import JSON

/// A PATCH request as it has been understood, with room for another text in it.
///
/// ```
/// {"schemas":[…],"Operations":[{"op":"replace","path":"title","value":"   Engineer   "}]}
/// └────────────────────────────── the same ────────────────────────┘    text     └───┘
/// ```
/// Whoever synchronises a directory sends one change after another of the same attribute, and these differ in the text alone that
/// it is to have. What such a request asks for is what the one before asked for, with its own text.
package final class KeptPatch: Sendable {
    /// Most bytes of a body that is kept, and of a text that is taken in place of its own.
    package static let bytesMax = 512

    private let body: [UInt8]
    private let type: ResourceType
    private let profile: Profile
    private let plan: PatchPlan
    /// Where the text stands; nil if there is none of which only an attribute's value depends, so that only an equal body is taken.
    private let text: Range<Int>?

    /// Nil for a long body, and for one with a password, which nothing may hold for longer than its request.
    ///
    /// `plan`: what `body` asks for.
    package init?(_ plan: PatchPlan, of body: JSONDocument, type: ResourceType, _ profile: Profile) {
        guard body.bytes.count <= Self.bytesMax, !plan.containsPassword else { return nil }
        self.body = body.bytes
        self.type = type
        self.profile = profile
        self.plan = plan
        text = PatchRequest.soleText(in: body).flatMap { node in
            plan.takesAnyText(inPlaceOf: body.string(at: node)) ? body.range(of: node) : nil
        }
    }

    /// What another body asks for; nil if it differs in more than the text, or if its text is more than plain characters.
    package func plan(for other: [UInt8], type: ResourceType, _ profile: Profile) -> PatchPlan? {
        guard type === self.type, profile == self.profile else { return nil }
        guard let text else { return body == other ? plan : nil }
        let end = other.count - (body.count - text.upperBound)
        // The decoder takes any plain text of such a length.
        guard (1...Self.bytesMax).contains(end - text.lowerBound),
            Self.areSame(body, 0..<text.lowerBound, other, 0..<text.lowerBound),
            Self.areSame(body, text.upperBound..<body.count, other, end..<other.count)
        else { return nil }
        return String(plainJSON: other.span.extracting(text.lowerBound..<end)).map(plan.with)
    }

    private static func areSame(
        _ body: [UInt8],
        _ part: Range<Int>,
        _ other: [UInt8],
        _ otherPart: Range<Int>
    ) -> Bool {
        body.span.extracting(part).hasSameBytes(as: other.span.extracting(otherPart))
    }
}

extension PatchRequest {
    /// The node of the text that the one operation of a body gives to one attribute; nil if there is none, or if it has escapes.
    ///
    /// `body`: one that ``decode(_:_:)`` takes.
    fileprivate static func soleText(in body: JSONDocument) -> Int? {
        guard let list = member("Operations", of: JSONDocument.root, in: body),
            let operation = onlyChild(of: list, in: body),
            var value = member("value", of: operation, in: body)
        else { return nil }
        // Without a path, an object names the attribute, within one of the extension where it belongs to one.
        while body.kind(of: value) == .object, let name = onlyChild(of: value, in: body) { value = name + 1 }
        return body.kind(of: value) == .string && !body.hasEscapes(value) ? value : nil
    }

    private static func member(_ name: String, of object: Int, in body: JSONDocument) -> Int? {
        do throws(SCIMError) { return try body.member(name, inAnyCaseOf: object) } catch { return nil }
    }

    private static func onlyChild(of node: Int, in body: JSONDocument) -> Int? {
        var children = body.children(of: node)
        guard let child = children.next(), children.next() == nil else { return nil }
        return child
    }
}

extension PatchPlan {
    /// Whether all that the plan says of a text is that it is to be the value of one attribute, of which any text may be.
    fileprivate func takesAnyText(inPlaceOf text: String) -> Bool {
        guard steps.count == 1, members.isEmpty, ignored.isEmpty,
            case .attribute(let change) = steps[0], change.selection == nil, let value = change.text
        else { return false }
        let definition = change.target.definition
        return value == text && definition.type == .string && definition.canonicalValues.isEmpty
            && !definition.multiValued && !change.target.attribute.multiValued
    }

    /// The plan with another text, which is not empty.
    fileprivate func with(text: String) -> PatchPlan {
        guard case .attribute(let change) = steps[0] else { return self }
        return PatchPlan(self, steps: [.attribute(change.with(text: text))])
    }
}

extension AttributeChange {
    /// The text that is to be the value; nil if it is something else.
    fileprivate var text: String? {
        switch action {
        case .add(.value(.string(let text))), .replace(.value(.string(let text))): text
        default: nil
        }
    }

    fileprivate func with(text: String) -> AttributeChange {
        let value = PatchValue.value(.string(text))
        let isAddition = if case .add = action { true } else { false }
        return AttributeChange(
            target: target,
            selection: selection,
            action: isAddition ? .add(value) : .replace(value)
        )
    }
}
