import JSON

/// Which attributes an answer shows (RFC 7644 §3.9, RFC 7643 §7 `returned`).
///
/// ```
/// names of the request ─┐
///                       ├─► one tree of names ─► cuts answers
/// definitions ──────────┘
/// ```
/// A sub-attribute that is returned always is shown wherever its attribute is.
package struct AttributeProjection: Sendable {
    /// What is meant of an attribute: all of it, or some of its sub-attributes.
    fileprivate enum Part: Sendable {
        case whole
        case parts([String: Part])
    }

    private enum Mode: Sendable { case only([String: Part]), except([String: Part]) }

    /// Names that a request may give.
    package static let namesMax = 500

    private let mode: Mode

    /// Whether everything is shown that is shown by default.
    package let isIdentity: Bool

    /// Shows everything: for types all of whose attributes are returned by default.
    package static let identity = AttributeProjection(mode: .except([:]), isIdentity: true)

    private init(mode: Mode, isIdentity: Bool) {
        self.mode = mode
        self.isIdentity = isIdentity
    }

    /// Names that no schema of the type defines are ignored.
    ///
    /// `written`: the paths of attributes that the request has changed, of which the answer shows also what is returned on
    /// request alone (RFC 7643 §7), unless `attributes` names others.
    /// - Throws: `invalidValue` if both lists are given, which exclude each other, or more than ``namesMax`` names.
    package init(
        attributes: [String]?,
        excluded: [String]?,
        written: [String] = [],
        type: ResourceType
    ) throws(SCIMError) {
        guard attributes == nil || excluded == nil else {
            throw SCIMError(
                .invalidValue,
                "The parameters attributes and excludedAttributes exclude each other."
            )
        }
        guard (attributes ?? excluded ?? []).count <= Self.namesMax else {
            throw SCIMError(
                .invalidValue,
                "The parameters attributes and excludedAttributes have at most \(Self.namesMax) names."
            )
        }
        let named = Self.tree(attributes ?? excluded ?? [], type)
        let changed = Self.tree(written, type)
        let definitions = type.topLevelAttributes
        var tree: [String: Part] = [:]
        for definition in definitions {
            let part = named[definition.name]
            tree[definition.name] =
                attributes == nil ? definition.hidden(part, changed[definition.name]) : definition.shown(part)
        }
        for schema in type.extensions.map(\.schema) {
            // The container itself is neither asked for nor left out: its attributes are.
            let container = AttributeDefinition(
                schema.id,
                .complex,
                description: schema.description,
                subAttributes: schema.attributes
            )
            let part = named[schema.id]
            tree[schema.id] =
                attributes == nil
                ? container.hidden(part, changed[schema.id]) : container.shown(part ?? .parts([:]))
        }
        self.init(
            mode: attributes == nil ? .except(tree) : .only(tree),
            isIdentity: attributes == nil && excluded == nil
        )
    }

    /// Whether an attribute at the top of the resource is shown, wholly or in part.
    package func includes(_ name: String) -> Bool {
        switch mode {
        case .only(let tree): return tree[name] != nil
        case .except(let tree):
            if case .whole? = tree[name] { return false }
            return true
        }
    }

    /// Whether a sub-attribute is shown where its attribute has it.
    package func includes(_ name: String, sub: String) -> Bool {
        switch mode {
        case .only(let tree): Self.names(tree[name], sub)
        case .except(let tree): !Self.names(tree[name], sub)
        }
    }

    private static func names(_ part: Part?, _ sub: String) -> Bool {
        switch part {
        case .whole?: true
        case .parts(let parts)?: parts[sub] != nil
        case nil: false
        }
    }

    /// What is shown of a resource in the form of an answer.
    package func apply(to resource: JSONObject) -> JSONObject {
        JSONObject(
            uniqueMembers: resource.members.compactMap { member in
                let shown =
                    switch mode {
                    case .only(let tree): Self.only(tree[member.name], member.value)
                    case .except(let tree): Self.except(tree[member.name], member.value)
                    }
                return shown.map { JSONObject.Member(name: member.name, value: $0) }
            }
        )
    }
}

// MARK: - What is meant

extension AttributeProjection {
    /// The attributes that names mean.
    private static func tree(_ names: [String], _ type: ResourceType) -> [String: Part] {
        var tree: [String: Part] = [:]
        for name in names {
            guard let path = try? AttributePath(parsing: name, schemas: type.schemaURIs) else { continue }
            switch type.meaning(of: path) {
            case .attribute(let attribute)?: insert(attribute.names[...], into: &tree)
            case .container(let schema)?: tree[schema.id] = .whole
            case .core?:
                for attribute in type.schema.attributes { tree[attribute.name] = .whole }
            case nil: continue
            }
        }
        return tree
    }

    private static func insert(_ names: ArraySlice<String>, into tree: inout [String: Part]) {
        guard let first = names.first else { return }
        if case .whole? = tree[first] { return }
        guard names.count > 1 else { return tree[first] = .whole }
        var parts: [String: Part] = if case .parts(let parts)? = tree[first] { parts } else { [:] }
        insert(names.dropFirst(), into: &parts)
        tree[first] = .parts(parts)
    }
}

extension AttributeDefinition {
    /// What is shown of the attribute if `named` is what was asked of it; nil if nothing is.
    ///
    /// Who names an attribute has asked for all of it, also for what is returned on request alone (RFC 7643 §7).
    fileprivate func shown(_ named: AttributeProjection.Part?) -> AttributeProjection.Part? {
        guard returned != .never, let asked = named ?? (returned == .always ? .whole : nil) else {
            return nil
        }
        var shown: [String: AttributeProjection.Part] = [:]
        var isWhole = true
        for sub in subAttributes {
            let part =
                switch asked {
                case .whole: sub.returned == .request && named == nil ? nil : sub.shown(.whole)
                case .parts(let parts): sub.shown(parts[sub.name])
                }
            shown[sub.name] = part
            if case .whole? = part {} else { isWhole = false }
        }
        guard !isWhole else { return .whole }
        return shown.isEmpty ? nil : .parts(shown)
    }

    /// What is hidden of the attribute if `excluded` was to be left out, and `written` has been changed; nil if nothing is.
    fileprivate func hidden(
        _ excluded: AttributeProjection.Part?,
        _ written: AttributeProjection.Part?
    ) -> AttributeProjection.Part? {
        if returned == .never || returned == .request && written == nil { return .whole }
        var parts: [String: AttributeProjection.Part] = [:]
        if returned != .always {
            switch excluded {
            case .whole?: return .whole
            case .parts(let named)?: parts = named
            case nil: break
            }
        }
        var hidden: [String: AttributeProjection.Part] = [:]
        var isWhole = !subAttributes.isEmpty
        for sub in subAttributes {
            let writtenPart: AttributeProjection.Part? =
                switch written {
                case .parts(let parts)?: parts[sub.name]
                case let whole: whole
                }
            let part = sub.hidden(parts[sub.name], writtenPart)
            hidden[sub.name] = part
            if case .whole? = part {} else { isWhole = false }
        }
        guard !isWhole else { return .whole }
        return hidden.isEmpty ? nil : .parts(hidden)
    }
}

// MARK: - Cutting

extension AttributeProjection {
    /// The part of a value that is named; nil if nothing is left of it.
    private static func only(_ part: Part?, _ value: JSONValue) -> JSONValue? {
        switch part {
        case nil: nil
        case .whole?: value
        case .parts(let named)?: cut(value) { only(named[$0], $1) }
        }
    }

    /// A value without the part that is named; nil if nothing is left of it.
    private static func except(_ part: Part?, _ value: JSONValue) -> JSONValue? {
        switch part {
        case nil: value
        case .whole?: nil
        case .parts(let named)?: cut(value) { except(named[$0], $1) }
        }
    }

    private static func cut(
        _ value: JSONValue,
        _ keep: (_ name: String, _ value: JSONValue) -> JSONValue?
    ) -> JSONValue? {
        switch value {
        case .object(let object):
            let kept = object.members.compactMap { member in
                keep(member.name, member.value).map { JSONObject.Member(name: member.name, value: $0) }
            }
            return kept.isEmpty ? nil : .object(JSONObject(uniqueMembers: kept))
        case .array(let elements):
            let kept = elements.compactMap { cut($0, keep) }
            return kept.isEmpty ? nil : .array(kept)
        default: return value
        }
    }
}
