import Directory
import Storage
import Tenancy

extension DirectoryChecker {
    func tenants(_ findings: inout [DirectoryFinding]) throws(DirectoryError) -> [Tenant] {
        var tenants: [Tenant] = []
        try store.reading { snapshot throws(DirectoryError) in
            try snapshot.rows(prefix: Keys.tenants, from: nil) { key, row, _ in
                let name = String(decoding: [UInt8](copying: key.extracting(droppingFirst: 1)), as: UTF8.self)
                if let tenant = Tenant(name: name, row: row) {
                    tenants.append(tenant)
                } else {
                    findings.append(DirectoryFinding("tenant \(name): damaged row"))
                }
                return .more
            }
        }
        return tenants
    }

    /// The tenant's resource types; nil if they cannot be read.
    func kinds(
        of tenant: Tenant,
        _ findings: inout [DirectoryFinding]
    ) throws(DirectoryError) -> ResourceKinds? {
        do throws(DirectoryError) {
            let kinds = try store.reading { snapshot throws(DirectoryError) in
                try ResourceKinds.of(tenant, snapshot)
            }
            if kinds.version != tenant.schemasVersion {
                findings.append(
                    DirectoryFinding("tenant \(tenant.name): its row names another version of its schemas")
                )
            }
            return kinds
        } catch .storage(.corrupt) {
            findings.append(
                DirectoryFinding(
                    "tenant \(tenant.name): its schemas are damaged, so that its resources are not checked"
                )
            )
            return nil
        }
    }

    func checkIgnoredAttributes(_ tenant: Tenant) throws(DirectoryError) -> [DirectoryFinding] {
        let key = Keys.ignoredAttributes(ofTenant: tenant.number)
        let found = try store.reading { snapshot throws(DirectoryError) in
            try snapshot.row(key) { row, version in (isWhole: IgnoredAttributes(row: row) != nil, version) }
        }
        guard let found, !found.isWhole else { return [] }
        // It counts what had no effect: an empty list says less, and nothing wrong.
        return [
            DirectoryFinding(
                "tenant \(tenant.name): the list of its ignored attributes is damaged",
                repair: Changeset(when: [.version(key, found.1)], [.delete(key)])
            )
        ]
    }

    func checkActivity(_ tenant: Tenant) throws(DirectoryError) -> [DirectoryFinding] {
        let key = Keys.activity(ofTenant: tenant.number)
        let found = try store.reading { snapshot throws(DirectoryError) in
            try snapshot.row(key) { row, version in (isWhole: TenantActivity(row: row) != nil, version) }
        }
        guard let found, !found.isWhole else { return [] }
        return [
            DirectoryFinding(
                "tenant \(tenant.name): what is known of its activity is damaged",
                repair: Changeset(when: [.version(key, found.1)], [.delete(key)])
            )
        ]
    }
}
