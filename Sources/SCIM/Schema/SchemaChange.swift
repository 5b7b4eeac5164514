// What may change in a schema or resource type while resources use it: nothing that would make a stored resource invalid,
// or leave an index of it wrong. What only answers and future writes go by may change at any time.

extension Schema {
    /// Why the schema cannot take the place of another whose attributes are in use; nil if it can.
    package func fault(replacing old: Schema) -> SchemaFault? {
        // Resources hold the attributes of an extension under its URN.
        guard id == old.id else {
            return SchemaFault("id", "is spelled \(old.id), and cannot change while resources use the schema")
        }
        return AttributeDefinition.fault(replacing: old.attributes, with: attributes, in: "attributes")
    }
}

extension AttributeDefinition {
    fileprivate static func fault(
        replacing old: [AttributeDefinition],
        with new: [AttributeDefinition],
        in member: String
    ) -> SchemaFault? {
        for before in old {
            guard let after = new.first(where: { $0.name == before.name }) else {
                return SchemaFault(member, "\(before.name) is in use and cannot be left out")
            }
            if let fault = after.fault(replacing: before) { return fault.inside("\(member).\(before.name)") }
        }
        for added in new where added.required && !old.contains(where: { $0.name == added.name }) {
            return SchemaFault(
                "\(member).\(added.name).required",
                "must be false: there are resources without it"
            )
        }
        return nil
    }

    private func fault(replacing old: AttributeDefinition) -> SchemaFault? {
        if type != old.type { return Self.fixed("type") }
        if multiValued != old.multiValued { return Self.fixed("multiValued") }
        if caseExact != old.caseExact { return Self.fixed("caseExact") }
        if uniqueness != .none, old.uniqueness == .none { return Self.fixed("uniqueness") }
        if uniqueness == .none, old.uniqueness != .none { return Self.fixed("uniqueness") }
        if required, !old.required { return Self.fixed("required") }
        // What has been kept while it could be read is not to be kept once it is secret.
        if (mutability == .writeOnly) != (old.mutability == .writeOnly) { return Self.fixed("mutability") }
        return Self.fault(replacing: old.subAttributes, with: subAttributes, in: "subAttributes")
    }

    private static func fixed(_ member: String) -> SchemaFault {
        SchemaFault(member, "cannot change while resources use the schema")
    }
}

extension ResourceTypeDocument {
    /// Why the type cannot take the place of another that has resources; nil if it can.
    ///
    /// Whether an extension that it leaves out is in use is for the caller to find out.
    package func fault(replacing old: ResourceTypeDocument) -> SchemaFault? {
        guard schema.equalsIgnoringASCIICase(old.schema) else {
            return SchemaFault("schema", "cannot change while there are resources of the type")
        }
        guard endpoint == old.endpoint else {
            return SchemaFault("endpoint", "cannot change while there are resources of the type")
        }
        for part in extensions where part.required {
            let before = old.extensions.first { $0.schema.equalsIgnoringASCIICase(part.schema) }
            if before?.required != true {
                return SchemaFault(
                    "schemaExtensions",
                    "\(part.schema) cannot be required: there are resources without it"
                )
            }
        }
        return nil
    }
}
