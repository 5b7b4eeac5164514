import JSON

/// Reads the ids among the members that a group's representation has.
///
/// Display, type and reference are ours to tell. An element without an id is refused rather than taken for none: a member
/// would be lost.
struct MemberDecoder {
    private let definition: AttributeDefinition
    private let profile: Profile
    /// The names beside `value` whose values no profile looks at more closely than that they are texts.
    private let textNames: [String]

    init(_ definition: AttributeDefinition, _ profile: Profile) {
        self.definition = definition
        self.profile = profile
        textNames =
            definition.subAttributes.filter { sub in
                (sub.type == .string || sub.type == .reference) && !sub.multiValued && sub.name != Self.value
                    && (sub.canonicalValues.isEmpty || profile.contains(.otherValues))
            }.map(\.name)
    }

    private static let value = "value"

    /// Reads a value of any form.
    ///
    /// - Throws: `invalidValue` for an element without an id, and what ``AttributeValueDecoder`` refuses.
    func ids(of value: JSONValue) throws(SCIMError) -> MemberIDs {
        let elements: [JSONValue]? =
            switch value {
            case .null: []
            case .array(let elements): elements
            default: profile.contains(.singleForArray) ? [value] : nil
            }
        guard let elements else { throw SCIMError(.invalidValue, "The value of members must be an array.") }
        var ids = MemberIDs()
        for element in elements { ids.append(try id(of: element)) }
        return ids
    }

    /// Reads an array, without a tree of it: a group may have more members than there is room for that.
    ///
    /// An element that looks unusual becomes a value of its own, as others would; `ignored` learns what is undefined in it.
    /// - Throws: as ``ids(of:)``.
    func ids(
        in document: JSONDocument,
        at array: Int,
        noting ignored: inout IgnoredPaths
    ) throws(SCIMError) -> MemberIDs {
        let elements = document.children(of: array)
        var ids = MemberIDs()
        ids.reserveCapacity(elements.reduce(0) { count, _ in count + 1 })
        for element in elements {
            if let node = plainID(in: document, at: element) {
                document.withUTF8(of: node) { ids.append($0) }
            } else {
                let value = document.value(at: element)
                ids.append(try id(of: value))
                ignored.note(definition.undefinedPaths(in: value, container: nil))
            }
        }
        return ids
    }

    /// Reads the id of one member.
    ///
    /// - Throws: as ``ids(of:)``.
    func id(of element: JSONValue) throws(SCIMError) -> String {
        guard
            case .array(let decoded)? = try AttributeValueDecoder.decode(
                .array([element]),
                as: definition,
                profile
            ),
            decoded.count == 1, case .object(let object) = decoded[0],
            case .string(let id)? = object[Self.value]
        else {
            throw SCIMError(.invalidValue, "Each of the members needs a value, the member's id.")
        }
        return id
    }

    /// The node of the id in an element that can mean nothing else; nil for any other.
    private func plainID(in document: JSONDocument, at element: Int) -> Int? {
        switch document.kind(of: element) {
        case .string: return profile.contains(.scalarForComplex) && isID(element, document) ? element : nil
        case .object:
            var id: Int?
            for name in document.children(of: element) {
                if document.isString(name, equalTo: Self.value) {
                    guard isID(name + 1, document) else { return nil }
                    id = name + 1
                } else {
                    guard isText(name + 1, document),
                        textNames.contains(where: { document.isString(name, equalTo: $0) })
                    else { return nil }
                }
            }
            return id
        default: return nil
        }
    }

    private func isID(_ node: Int, _ document: JSONDocument) -> Bool {
        document.kind(of: node) == .string && !document.range(of: node).isEmpty && isText(node, document)
    }

    private func isText(_ node: Int, _ document: JSONDocument) -> Bool {
        switch document.kind(of: node) {
        case .null: true
        case .string: document.range(of: node).count <= ResourceLimits.stringBytesMax
        default: false
        }
    }
}

extension ResourceDecoder {
    /// Decodes and validates a body, of whose members no tree is built where they are an array.
    ///
    /// - Returns: nil if the body takes longer than the budget has; what it takes is taken out.
    /// - Throws: as ``decode(_:as:_:)``.
    package static func decode(
        _ body: JSONDocument,
        as type: ResourceType,
        _ profile: Profile,
        _ budget: inout WorkBudget
    ) throws(SCIMError) -> DecodedResource? {
        guard let definition = type.membersAttribute, let name = body.arrayMember(definition.name) else {
            return try decode(body.value, as: type, profile, &budget)
        }
        var ignored = IgnoredPaths()
        let members = try MemberDecoder(definition, profile).ids(in: body, at: name + 1, noting: &ignored)
        return try decode(
            body.value(leavingOut: name),
            as: type,
            profile,
            members: members,
            ignored: ignored,
            &budget
        )
    }
}

extension JSONDocument {
    /// The name node of the only member of the text's object with a name, in any case; nil if it is no array.
    fileprivate func arrayMember(_ name: String) -> Int? {
        guard kind(of: Self.root) == .object else { return nil }
        var found: Int?
        for member in children(of: Self.root)
        where withUTF8(of: member, { String.equalsIgnoringASCIICase($0, name.utf8.span) }) {
            guard found == nil, kind(of: member + 1) == .array else { return nil }
            found = member
        }
        return found
    }
}
