"""What real servers hand out, read by the real code: an Active Directory domain, its exports, and the main job on them."""
