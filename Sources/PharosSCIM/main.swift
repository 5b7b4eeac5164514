print("pharos-scim")
