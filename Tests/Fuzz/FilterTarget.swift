import JSON
import SCIM

/// A filter prints, and what is printed reads the same; whatever it is, a resource either fulfils it or not.
enum FilterTarget {
    static func check(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        for profile in Samples.profiles {
            guard let filter = try? Filter.parse(text, profile) else { continue }
            hold(bytes.count <= FilterLimits.bytesMax, "a filter is within its limit")
            checkPrinted(filter, text, profile)
            for (type, resource) in [(.user, Samples.user), (.group, Samples.group)]
                as [(ResourceType, Resource)]
            {
                guard let bound = try? BoundFilter(filter, type: type, profile) else { continue }
                let matches = bound.matches(resource.attributes)
                guard let negation = try? BoundFilter(.not(filter), type: type, profile) else {
                    return hold(false, "the opposite of a filter is a filter")
                }
                hold(
                    negation.matches(resource.attributes) != matches,
                    "the opposite is the opposite: \(filter)"
                )
                _ = bound.matches(element: .object(resource.attributes))
            }
        }
    }

    private static func checkPrinted(_ filter: Filter, _ text: String, _ profile: Profile) {
        let printed = filter.description
        // Quotation marks and parentheses that were left out may bring what is full over a limit.
        let nesting = printed.utf8.count { $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: "[") }
        guard printed.utf8.count <= FilterLimits.bytesMax, nesting < FilterLimits.depthMax,
            text.utf8.count < FilterLimits.nodesMax
        else { return }
        let again = try? Filter.parse(printed, profile)
        hold(again == filter, "what is printed reads the same: \(printed)")
        hold(
            (try? Filter.parse(printed, .strict)) == filter,
            "what is printed is the RFC's grammar: \(printed)"
        )
    }
}

/// A path of an attribute or of a PATCH operation prints, and what is printed reads the same; it means the same in any case.
enum PathTarget {
    static func check(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        for type in [.user, .group] as [ResourceType] {
            if let path = try? AttributePath(parsing: text, schemas: type.schemaURIs) {
                hold(bytes.count <= AttributePath.bytesMax, "a path is within its limit")
                checkAttribute(path, type)
            }
            for profile in Samples.profiles {
                guard let path = try? PatchPath(parsing: text, type: type, profile) else { continue }
                let printed = path.description
                guard printed.utf8.count <= AttributePath.bytesMax else { continue }
                let again = try? PatchPath(parsing: printed, type: type, profile)
                hold(again == path, "what is printed reads the same: \(printed)")
            }
        }
    }

    private static func checkAttribute(_ path: AttributePath, _ type: ResourceType) {
        let printed = path.description
        let again = try? AttributePath(parsing: printed, schemas: type.schemaURIs)
        hold(again == path, "what is printed reads the same: \(printed)")
        let capital = try? AttributePath(parsing: printed.uppercased(), schemas: type.schemaURIs)
        for profile in Samples.profiles {
            let meaning = type.meaning(of: path, profile)
            hold(
                capital.flatMap { type.meaning(of: $0, profile) } == meaning,
                "case means nothing: \(printed)"
            )
            guard case .attribute(let attribute) = meaning else { continue }
            let canonical = attribute.path.description
            let found = (try? AttributePath(parsing: canonical, schemas: type.schemaURIs))
                .flatMap { type.resolve($0, profile) }
            hold(found == attribute, "the canonical spelling means the same: \(canonical)")
        }
    }
}
