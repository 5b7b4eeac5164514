import Storage

extension Administration {
    /// What defines a tenant – its settings, schemas and resource types, and that its clients are served – as rows for a store
    /// of its own, where it has neither resources nor tokens.
    package func definition(of name: String) throws(AdministrationError) -> Changeset {
        let changes = try reading { snapshot throws(DirectoryError) -> Changeset? in
            guard let found = try snapshot.row(Keys.tenant(name), { row, _ in Tenant(name: name, row: row) }),
                var tenant = found
            else { return nil }
            tenant.isSCIMEnabled = true
            var changes = Changeset()
            changes.mutations.append(.put(Keys.tenant(name), tenant.encoded))
            if let head = try snapshot.row(
                Keys.schemasHead(tenant.number),
                { row, _ in [UInt8](copying: row) }
            ) {
                changes.mutations.append(.put(Keys.schemasHead(tenant.number), head))
            }
            for prefix in [
                Keys.schemas(ofTenant: tenant.number), Keys.resourceTypes(ofTenant: tenant.number),
            ] {
                try snapshot.rows(prefix: prefix, from: nil) { key, row, _ in
                    changes.mutations.append(.put(Key([UInt8](copying: key)), [UInt8](copying: row)))
                    return .more
                }
            }
            return changes
        }
        guard let changes else { throw .noSuchTenant }
        return changes
    }
}
