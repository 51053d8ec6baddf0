import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const SERVER = 'http://localhost:8000';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // While developing, what the server answers comes from a server that runs beside this one.
  server: { proxy: { '/trpc': SERVER, '/api': SERVER, '/media': SERVER, '/posters': SERVER } },
});
