-- Avatars are kept in the storage under random keys. The row that names a key is what keeps its object from the sweep.

alter table profiles
  add constraint profiles_avatar_key_key unique (avatar_key);
