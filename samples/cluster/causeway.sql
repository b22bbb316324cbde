-- The role of all bridges, and their database. As the database's own administrator:
--
--   sudo -u postgres psql -f causeway.sql
--   sudo -u postgres psql -c '\password causeway'
--
-- Bridges make their tables themselves. Texts are compared octet by octet.
CREATE ROLE causeway LOGIN CONNECTION LIMIT 200;
CREATE DATABASE causeway OWNER causeway ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
REVOKE ALL ON DATABASE causeway FROM PUBLIC;
