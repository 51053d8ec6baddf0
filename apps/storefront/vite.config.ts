import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const SERVER = 'http://localhost:8000';
const SERVED_THERE = ['/trpc', '/api', '/media', '/posters', '/avatars', '/exports', '/docs', '/openapi.json'];

export default defineConfig({
  plugins: [react(), tailwindcss()],
  // While developing, what the server answers comes from a server that runs beside this one.
  server: { proxy: Object.fromEntries(SERVED_THERE.map((path) => [path, SERVER])) },
});
